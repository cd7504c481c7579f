/**
 * One process per embedded folder: PGlite has no lock of its own, and two writers would ruin it.
 * The lock is a listening local socket, which the operating system drops with its process however
 * that ends; a lock file would outlive a kill and refuse the next start.
 */
import { createHash } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '../errors.ts';

export interface FolderLock {
  release(): Promise<void>;
}

// sun_path holds 104 bytes on macOS and 108 on Linux.
const SOCKET_PATH_MAX = 100;

function socketPath(folder: string): string {
  const inside = path.resolve(folder, 'lock.sock');
  const digest = createHash('sha256').update(inside).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\duebook-${digest}`;
  return inside.length <= SOCKET_PATH_MAX ? inside : path.join(tmpdir(), `duebook-${digest}.sock`);
}

export async function lockFolder(folder: string): Promise<FolderLock> {
  const address = socketPath(folder);
  let server = await listen(address);
  if (server === null) {
    if (await answers(address)) {
      throw new AppError(
        'store.folder_in_use',
        `another Duebook process uses the embedded database in ${folder}: stop it first, or set DATABASE_URL to a PostgreSQL server to run several`,
      );
    }
    await unlink(address).catch(() => undefined);
    server = await listen(address);
  }
  if (server === null) {
    throw new AppError('store.folder_in_use', `cannot lock the embedded database in ${folder}`);
  }
  const held = server;
  held.unref();
  return {
    release: () =>
      new Promise((resolve) => {
        held.close(() => {
          resolve();
        });
      }),
  };
}

/** null when the address is taken. */
function listen(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (err: NodeJS.ErrnoException) => {
      if (err.code === 'EADDRINUSE') resolve(null);
      else reject(err);
    });
    server.listen(address, () => {
      resolve(server);
    });
  });
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
