/**
 * Migrations without the Prisma CLI's native engine (a download that fails behind a closed network):
 * Prisma's own schema engine as WebAssembly reads the same `prisma/migrations`, writes the same
 * `_prisma_migrations`, and runs on PGlite and PostgreSQL alike.
 */
import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import type * as EngineBindings from '@prisma/schema-engine-wasm/schema_engine_bg';

const PRISMA_DIR = path.resolve(import.meta.dirname, '../../prisma');
const SCHEMA_PATH = path.join(PRISMA_DIR, 'schema.prisma');
const MIGRATIONS_DIR = path.join(PRISMA_DIR, 'migrations');
const NO_FILTERS = { externalTables: [], externalEnums: [] };

interface WasmExports {
  __wbindgen_start(): void;
}

// Node's types leave WebAssembly to the DOM library, which the rest of the product does without.
const { WebAssembly: webAssembly } = globalThis as unknown as {
  WebAssembly: {
    instantiate(bytes: Buffer, imports: object): Promise<{ instance: { exports: WasmExports } }>;
  };
};

export type AdapterFactory = SqlMigrationAwareDriverAdapterFactory;

/** Runs `work` with an engine, and closes the connections it opened: it has no close of its own. */
async function withEngine<T>(
  factory: AdapterFactory,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const opened: { dispose(): Promise<void> }[] = [];
  const track = <A extends { dispose(): Promise<void> }>(adapter: A): A => {
    opened.push(adapter);
    return adapter;
  };
  const tracking: AdapterFactory = {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => track(await factory.connect()),
    connectToShadowDb: async () => track(await factory.connectToShadowDb()),
  };
  try {
    return await work(await openEngine(tracking));
  } finally {
    for (const adapter of opened) await adapter.dispose();
  }
}

type Bindings = typeof EngineBindings;

let loading: Promise<Bindings> | undefined;

/** Once per process: the bindings hold views of one memory, and a second instance would read the first one's. */
function loadBindings(): Promise<Bindings> {
  loading ??= (async () => {
    const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
    const wasmPath = createRequire(import.meta.url)
      .resolve('@prisma/schema-engine-wasm/schema_engine_bg')
      .replace(/\.js$/, '.wasm');
    const { instance } = await webAssembly.instantiate(await readFile(wasmPath), {
      './schema_engine_bg.js': bindings,
    });
    // The published types leave out the two calls that the package's own loader makes.
    const loader = bindings as unknown as { __wbg_set_wasm(exports: WasmExports): void };
    loader.__wbg_set_wasm(instance.exports);
    instance.exports.__wbindgen_start();
    return bindings;
  })();
  return loading;
}

async function openEngine(factory: AdapterFactory): Promise<SchemaEngine> {
  const bindings = await loadBindings();
  return bindings.SchemaEngine.new(
    { datamodels: [[SCHEMA_PATH, await readFile(SCHEMA_PATH, 'utf8')]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(factory),
  );
}

async function readMigrations() {
  const entries = await readdir(MIGRATIONS_DIR, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return {
    baseDir: MIGRATIONS_DIR,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.sort().map(async (name) => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: {
            tag: 'ok' as const,
            value: await readFile(path.join(MIGRATIONS_DIR, name, 'migration.sql'), 'utf8'),
          },
        },
      })),
    ),
  };
}

/** Brings a database up to date; gives the names applied now (none when it already was). */
export async function applyMigrations(factory: AdapterFactory): Promise<string[]> {
  const migrationsList = await readMigrations();
  const { appliedMigrationNames } = await withEngine(factory, (engine) =>
    engine.applyMigrations({ migrationsList, filters: NO_FILTERS }),
  );
  return appliedMigrationNames;
}

/** The SQL that takes the written migrations to today's schema.prisma; null when there is none to write. */
export async function pendingSql(factory: AdapterFactory): Promise<string | null> {
  const migrations = await readMigrations();
  const content = await readFile(SCHEMA_PATH, 'utf8');
  const { stdout } = await withEngine(factory, (engine) =>
    engine.diff({
      from: { tag: 'migrations', ...migrations },
      to: { tag: 'schemaDatamodel', files: [{ path: SCHEMA_PATH, content }] },
      script: true,
      exitCode: null,
      filters: NO_FILTERS,
    }),
  );
  const sql = stdout ?? '';
  const isEmpty = sql.split('\n').every((line) => line.trim() === '' || line.startsWith('--'));
  return isEmpty ? null : sql;
}
