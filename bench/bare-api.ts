import Fastify from 'fastify';

// An empty server: what the api's memory is held against.

const app = Fastify();
app.get('/', async () => ({}));
process.stdout.write(`${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
