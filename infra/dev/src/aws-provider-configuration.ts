/**
 * Terraform of the real `hashicorp/aws` provider where this machine has no AWS but the STS emulator's: it must not ask
 * for an account id. `more`: further arguments and blocks of the provider.
 */
export const awsProviderConfiguration = (more = ''): string => `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region                     = "us-east-1"
  skip_requesting_account_id = true
  ${more}
}
`;
