/**
 * The evidence pack of a customer: what a lawyer, an agency or a court asks for, in one archive that
 * shows by itself whether anything in it was changed since. That it was made, and its manifest's
 * digest, goes to the audit log: the pack can be held against it later.
 */
import { strToU8 } from 'fflate';
import type { Ledger } from '../../connectors/ledger.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { dayIn, formatDay } from '../domain/day.ts';
import { chainLog } from '../domain/log-chain.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { AccessError } from '../errors.ts';
import type { Db } from '../store/db.ts';
import { readEvidence } from '../store/evidence.ts';
import { LOG, makeArchive, sha256 } from './archive.ts';
import { collectFiles, collectLog } from './collect.ts';
import { collectReckoning } from './reckoning.ts';

export interface EvidenceDeps {
  db: Db;
  clock: Clock;
  config: Pick<Config, 'mailFrom'>;
  /** null: invoices come as data, without the ledger's PDF. */
  ledger: Ledger | null;
}

export interface EvidencePack {
  zip: Uint8Array;
  manifestSha256: string;
  files: number;
  logLines: number;
  missing: { file: string; because: string }[];
}

export async function makeEvidence(
  deps: EvidenceDeps,
  bookId: BookId,
  customerId: CustomerId,
  actor: string,
): Promise<EvidencePack> {
  const at = deps.clock.now();
  const { rows, reckoning } = await deps.db.tx(async (tx) => {
    const found = await readEvidence(tx, bookId, customerId);
    if (found === null) throw new AccessError('not_found', `no customer ${customerId}`);
    return { rows: found, reckoning: await collectReckoning({ ...deps, tx }, bookId, customerId) };
  });
  const { files, missing } = await collectFiles(rows, deps.ledger);
  for (const [name, content] of reckoning) files.set(name, content);
  const log = chainLog(collectLog(rows), sha256);
  files.set(LOG, strToU8(log.lines.map((line) => `${line}\n`).join('')));
  const { zip, manifestSha256 } = makeArchive(files, {
    about: {
      customer: rows.customer.name,
      customerId,
      book: rows.customer.book,
      asOf: formatDay(dayIn(rows.customer.timeZone, at)),
    },
    missing,
    log: { lines: log.lines.length, head: log.head },
  });
  await deps.db.prisma.audit.create({
    data: {
      bookId,
      at,
      actor,
      action: 'evidence.made',
      subject: `customer ${customerId}`,
      detail: { manifestSha256, logHead: log.head },
    },
  });
  return { zip, manifestSha256, files: files.size, logLines: log.lines.length, missing };
}
