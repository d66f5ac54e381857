import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Module, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request, Response } from 'express';
import { ServerAdapter } from './server-adapter.js';

@Controller()
class EchoController {
  @Get('echo')
  echo(@Req() request: Request, @Res() response: Response): void {
    response.json({
      path: request.path,
      query: request.query,
      hasApp: request.app === response.app,
      prototypes: prototypesBefore.get(request)?.every(({ of, prototype }) => Object.getPrototypeOf(of) === prototype),
    });
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

const prototypesBefore = new WeakMap<object, { of: object; prototype: unknown }[]>();

/** Notes the prototypes of requests and responses before Express sees them. */
function notePrototypes(server: Server): void {
  server.prependListener('request', (request, response) => {
    prototypesBefore.set(
      request,
      [request, response].map((of: object) => ({ of, prototype: Object.getPrototypeOf(of) as unknown })),
    );
  });
}

async function echoOf(server: Server): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/echo?a=1`);
  return answer.json();
}

describe('the adapter of the server', () => {
  it('creates requests and responses whose prototypes Express does not change, on all ports', async () => {
    const adapter = new ServerAdapter();
    const app = await NestFactory.create<NestExpressApplication>(EchoModule, adapter, { logger: false });
    const main = app.getHttpServer() as Server;
    const further = createServer(adapter.messages, adapter.getInstance());
    for (const server of [main, further]) notePrototypes(server);
    await app.listen(0, '127.0.0.1');
    further.listen(0, '127.0.0.1');
    await once(further, 'listening');
    const expected = { path: '/echo', query: { a: '1' }, hasApp: true, prototypes: true };
    expect([await echoOf(main), await echoOf(further)]).toEqual([expected, expected]);
    further.close();
    await app.close();
  });
});
