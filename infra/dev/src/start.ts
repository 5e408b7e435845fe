// `npm start`: the whole stack on one folder, until Ctrl-C.
import { createApiClient } from './api-client.ts';
import { inheritedEnvironment, readConfig } from './config.ts';
import { currentCode } from './demo-device.ts';
import { findWorkspace } from './run-client.ts';
import { type Stack, startStack } from './stack.ts';

/** npm passes on the Ctrl-C that the terminal has sent to us too: two signals so close together are one wish. */
const samePressMs = 1_000;

const say = (text: string) => process.stdout.write(`${text}\n`);
const stopWanted = listenForStop();
try {
  const config = readConfig(process.env);
  const stack = await startStack({
    dataDirectory: config.dataDirectory,
    port: config.port,
    environment: inheritedEnvironment(process.env),
    onWarning: (line) => process.stderr.write(`${line}\n`),
  });
  say(await welcome(stack));
  const failure = await Promise.race([stack.failed, stopWanted.first]);
  if (failure === undefined) say('\nStopping; running terraform gets a few seconds (Ctrl-C again to kill it) …');
  else {
    process.stderr.write(`\nGatehouse stops, because a process of it ended: ${failure}\n`);
    process.exitCode = 1;
  }
  stopWanted.onNext(() => stack.kill());
  await stack.stop();
  say('Stopped. All data is kept.');
} catch (error) {
  process.stderr.write(`Gatehouse cannot start. ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
process.exit();

async function welcome({ url, dev, dataDirectory, logFolder }: Stack): Promise<string> {
  const api = createApiClient({ url, token: dev.token });
  const workspaceId = await findWorkspace(api, dev.organization, dev.workspace);
  return `
  Page and API    ${url}   (API reference: ${url}/api/v2/docs)
  Sign-in         ${dev.username} / ${dev.password}
  MFA device      shows ${await currentCode(dev)} now; later: npm run mfa-code
  Data            ${dataDirectory}   (logs: ${logFolder})
  terraform CLI   as a client of this Gatehouse: docs/cli.md

  Queue a run, and let it in with the code that the device shows then:

    alias gate='curl -s -H "Authorization: Bearer ${dev.token}" -H "Content-Type: application/vnd.api+json"'
    gate ${url}/api/v2/runs -d '{"data": {"attributes": {"message": "My first run"}, "relationships": {"workspace": {"data": {"id": "${workspaceId}"}}}}}'
    gate ${url}/api/v2/runs/RUN/actions/authenticate -d '{"token-code": "CODE"}'
    gate -N ${url}/api/v2/runs/RUN/logs/plan

Gatehouse is ready at ${url}`;
}

function listenForStop(): { first: Promise<undefined>; onNext(act: () => void): void } {
  let firstAt: number | undefined;
  let act: () => void = () => undefined;
  let resolveFirst: (nothing: undefined) => void = () => undefined;
  const first = new Promise<undefined>((resolve) => {
    resolveFirst = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (firstAt === undefined) {
        firstAt = Date.now();
        resolveFirst(undefined);
      } else if (Date.now() - firstAt > samePressMs) act();
    });
  }
  return {
    first,
    onNext(given) {
      act = given;
    },
  };
}
