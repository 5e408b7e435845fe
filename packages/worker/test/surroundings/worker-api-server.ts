import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Heartbeat, type PhaseNote, workerApiPath } from '@gatehouse/shared/worker-api';

/** What the api holds of one run, as far as workers see it. */
export type RunOnApi = {
  configuration?: Uint8Array;
  state?: Buffer;
  /** Every state that was stored, in order. */
  states: Buffer[];
  planArtifact?: Buffer;
  planJson?: Buffer;
  providerSchemas?: Buffer;
};

/**
 * Plays the api's worker side, by the table in `@gatehouse/shared/worker-api`, with what it holds open to the test. The
 * real api is met in the end-to-end tests.
 */
export async function startWorkerApi() {
  const workerToken = 'worker-token-of-the-test';
  const runs = new Map<string, RunOnApi>();
  const phaseClaims = new Map<string, { jobToken: string }>();
  const challengeClaims = new Map<string, object>();
  const checkClaims = new Map<string, object>();
  const beats: { workerId: string; body: Heartbeat }[] = [];
  const requests: string[] = [];
  let stop: { claimId: string; mode: string; cause?: string }[] = [];
  const notes: PhaseNote[] = [];
  let refuseState: string | undefined;
  let port = 0;
  let server: Server = createServer();

  function run(runId: string): RunOnApi {
    const found = runs.get(runId) ?? { states: [] };
    runs.set(runId, found);
    return found;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const path = (request.url ?? '').slice(workerApiPath.length);
    const what = `${request.method} ${path}`;
    requests.push(what);
    const token = request.headers.authorization?.replace('Bearer ', '');

    const claimed = /^POST \/(runs|challenges|aws-checks)\/([\w-]+)\/(?:phases\/(plan|apply)\/)?claim$/.exec(what);
    if (claimed?.[1] !== undefined) {
      if (token !== workerToken) return refuse(response, 401, 'unauthorized');
      const [, kind, id, phase] = claimed;
      const key = kind === 'runs' ? `${id}.${phase}` : (id ?? '');
      const claim = kind === 'runs' ? phaseClaims.get(key) : (challengeClaims.get(key) ?? checkClaims.get(key));
      if (claim === undefined || taken.has(key)) return refuse(response, 409, 'conflict');
      taken.add(key);
      return json(response, claim);
    }
    const beat = /^POST \/workers\/([\w-]+)\/heartbeat$/.exec(what);
    if (beat?.[1] !== undefined) {
      const beaten: Heartbeat = JSON.parse(body.toString());
      beats.push({ workerId: beat[1], body: beaten });
      const isNew = ({ claimId, sequence }: PhaseNote) =>
        beaten.claims.includes(claimId) && sequence > (beaten.notesSeen?.[claimId] ?? 0);
      return json(response, { stop, notes: notes.filter(isNew) });
    }
    const thing = /^(GET|PUT) \/runs\/([\w-]+)\/(configuration|state|plan-artifact|plan-json|provider-schemas)$/.exec(
      what,
    );
    if (thing?.[2] === undefined) return refuse(response, 404, 'not_found');
    if (![...phaseClaims].some(([key, claim]) => key.startsWith(`${thing[2]}.`) && claim.jobToken === token)) {
      return refuse(response, 401, 'unauthorized');
    }
    return serve(run(thing[2]), `${thing[1]} ${thing[3]}`, body, response);
  }

  function serve(of: RunOnApi, what: string, body: Buffer, response: ServerResponse): void {
    if (what === 'PUT state' && refuseState !== undefined) refuse(response, 422, refuseState);
    else if (what.startsWith('PUT')) {
      if (what === 'PUT state') of.states.push(body);
      if (what === 'PUT state') of.state = body;
      if (what === 'PUT plan-artifact') of.planArtifact = body;
      if (what === 'PUT plan-json') of.planJson = body;
      if (what === 'PUT provider-schemas') of.providerSchemas = body;
      response.writeHead(204).end();
    } else if (what === 'GET configuration') bytes(response, of.configuration);
    else bytes(response, what === 'GET state' ? of.state : of.planArtifact);
  }
  const taken = new Set<string>();

  async function listen(): Promise<void> {
    server = createServer((request, response) => {
      answer(request, response).catch((error) => refuse(response, 500, String(error)));
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : port;
  }
  async function goAway(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  await listen();
  return {
    url: `http://127.0.0.1:${port}`,
    workerToken,
    run,
    phaseClaims,
    challengeClaims,
    checkClaims,
    beats,
    requests,
    /** What the next heartbeats are answered with. */
    stopClaims(claims: { claimId: string; mode: string; cause?: string }[]): void {
      stop = claims;
    },
    /** In the answers to all beats that do not name it as seen. */
    tell(note: PhaseNote): void {
      notes.push(note);
    },
    refuseStates(code: string | undefined): void {
      refuseState = code;
    },
    goAway,
    comeBack: listen,
    close: goAway,
  };
}

export type WorkerApiServer = Awaited<ReturnType<typeof startWorkerApi>>;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function bytes(response: ServerResponse, body: Uint8Array | undefined): void {
  if (body === undefined) response.writeHead(204).end();
  else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(body);
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/vnd.api+json' });
  response.end(JSON.stringify({ errors: [{ status: String(status), code, title: code, detail: `refused: ${code}` }] }));
}
