import { once } from 'node:events';
import { createServer } from 'node:http';

/** Answers each call as GetCallerIdentity with these elements: for callers that the emulator does not have. */
export async function answeringSts(elements: string) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/xml', 'x-amzn-requestid': 'request-1' });
    response.end(
      `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>${elements}</GetCallerIdentityResult></GetCallerIdentityResponse>`,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    sts: { endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1' },
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
