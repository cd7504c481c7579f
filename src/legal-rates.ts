/** The legal tables of interest on late payment: the data files beside this one, read whole or not at all. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseReferenceRate, parseStatutes } from './domain/interest/statute-text.ts';
import type { Statute } from './domain/interest/terms.ts';

const FOLDER = path.join(import.meta.dirname, 'legal-rates');
const REFERENCES = ['boe.yaml', 'ecb.yaml', 'bundesbank.yaml'];
const STATUTES = 'statutes.yaml';

let reading: Promise<Statute[]> | undefined;

export function legalStatutes(): Promise<Statute[]> {
  reading ??= readTables();
  return reading;
}

async function readTables(): Promise<Statute[]> {
  const references = await Promise.all(
    REFERENCES.map(async (file) => parseReferenceRate(file, await readTable(file))),
  );
  return parseStatutes(STATUTES, await readTable(STATUTES), references);
}

function readTable(file: string): Promise<string> {
  return readFile(path.join(FOLDER, file), 'utf8');
}
