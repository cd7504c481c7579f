import pg from 'pg';

export function withDatabaseName(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
}

export async function onServer<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export interface OwnDatabase {
  url: string;
  drop: () => Promise<void>;
}

let databases = 0;

/** An empty database on a server that may create some, under a name nobody else uses. */
export async function createDatabase(server: string, prefix: string): Promise<OwnDatabase> {
  databases += 1;
  const name = `${prefix}_${process.pid}_${databases}`;
  const quoted = pg.escapeIdentifier(name);
  await onServer(server, (client) => client.query(`create database ${quoted}`));
  return {
    url: withDatabaseName(server, name),
    drop: async () => {
      await onServer(server, (client) =>
        client.query(`drop database if exists ${quoted} with (force)`),
      );
    },
  };
}
