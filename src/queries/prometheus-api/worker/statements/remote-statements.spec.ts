import type { PackedRows } from '../../../../database/binary/packed-rows.js';
import type { WorkerRequest } from '../evaluation-task.js';
import { RemoteStatements } from './remote-statements.js';

function pageOf(byte: number): PackedRows {
  return { columns: [], bytes: Uint8Array.of(byte), ends: Float64Array.of(1) };
}

describe('RemoteStatements', () => {
  it('gives the bytes of a page back as soon as the next page is taken', async () => {
    const pages: (PackedRows | null)[] = [pageOf(1), pageOf(2), pageOf(3), null, null];
    const sent: [WorkerRequest['kind'], ...number[]][] = [];
    const statements: RemoteStatements = new RemoteStatements((request, transfer) => {
      expect(transfer).toEqual(request.used!.map(({ buffer }) => buffer));
      sent.push([request.kind, ...request.used!.map(([byte]) => byte!)]);
      queueMicrotask(() => statements.receive(pages.shift()!));
    });
    const read: number[] = [];
    for await (const page of statements.pages('SELECT', [], 1_000)) {
      const [byte] = (page as PackedRows).bytes;
      expect(sent.flatMap(([, ...given]) => given)).not.toContain(byte);
      read.push(byte!);
    }
    expect(read).toEqual([1, 2, 3]);
    await statements.query('SELECT', []);
    expect(sent).toEqual([['open'], ['next'], ['next', 1], ['next', 2], ['query', 3]]);
  });
});
