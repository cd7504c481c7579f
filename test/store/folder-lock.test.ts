import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder } from '../../src/store/folder-lock.ts';

let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'duebook-lock-'));
});

afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

/** Another process that holds the folder and says so. */
async function holdElsewhere(): Promise<ChildProcess> {
  const program = `
    import { lockFolder } from ${JSON.stringify(path.resolve('src/store/folder-lock.ts'))};
    await lockFolder(process.argv[1]);
    console.log('held');
    setInterval(() => {}, 1000);`;
  const started = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program, folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  child = started;
  await once(started.stdout, 'data');
  return started;
}

test('a second process on the same folder gets one clear line; a killed one leaves no trace', async () => {
  const holder = await holdElsewhere();
  await expect(lockFolder(folder)).rejects.toMatchObject({
    code: 'store.folder_in_use',
    message: `another Duebook process uses the embedded database in ${folder}: stop it first, or set DATABASE_URL to a PostgreSQL server to run several`,
  });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const lock = await lockFolder(folder);
  await lock.release();
});

test('the same process cannot hold a folder twice, and can again after it let go', async () => {
  const lock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'store.folder_in_use' });
  await lock.release();
  await (await lockFolder(folder)).release();
});

test('a folder with a very long path is locked all the same', async () => {
  const long = path.join(folder, 'x'.repeat(120));
  const lock = await lockFolder(long);
  await expect(lockFolder(long)).rejects.toMatchObject({ code: 'store.folder_in_use' });
  await lock.release();
});
