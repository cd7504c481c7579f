import { defineConfig } from 'prisma/config';

// `prisma generate` only asks whether the native schema engine exists; it never runs it.
// Naming any existing file keeps the install free of downloads. Migrations use the same
// engine as WebAssembly: see src/store/migrate.ts.
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= import.meta.filename;

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
});
