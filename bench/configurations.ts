import { awsProviderConfiguration } from '@gatehouse/dev/aws-provider-configuration';
import type { Stack } from '@gatehouse/dev/stack';
import type { ByHandOptions } from './by-hand.ts';

/** Two resources that need no provider from anywhere, of which one changes in every run. */
export const terraformData = `
resource "terraform_data" "one" { input = timestamp() }
resource "terraform_data" "two" { input = terraform_data.one.output }
`;

/** The real provider, which asks STS who it is: the emulator's, beside which this machine has no other AWS. */
export const awsProvider = `${awsProviderConfiguration()}
data "aws_caller_identity" "me" {}
resource "terraform_data" "who" { input = [data.aws_caller_identity.me.arn, timestamp()] }
`;

/** What the provider needs by hand: what a run is given by its worker. */
export function awsByHand({ dev }: Pick<Stack, 'dev'>, providerMirror: string): ByHandOptions {
  const { hostname, port } = new URL(dev.stsUrl);
  return {
    mainTf: awsProvider,
    providerMirror,
    forwards: [{ name: 'sts', listenPort: Number(port), target: { host: hostname, port: Number(port) } }],
    environment: {
      AWS_ENDPOINT_URL_STS: dev.stsUrl,
      AWS_ACCESS_KEY_ID: dev.accessKeyId,
      AWS_SECRET_ACCESS_KEY: dev.secretAccessKey,
    },
  };
}
