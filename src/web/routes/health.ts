/** For whatever watches the process. Says yes or no and nothing else. */
import type { Express } from 'express';
import type { Web } from '../respond.ts';

const ANSWER_WITHIN_MS = 3000;

export function healthRoutes(server: Express, web: Web): void {
  server.get('/healthz', (_req, res) => {
    res.type('text/plain').send('ok');
  });
  server.get('/readyz', async (_req, res) => {
    const isReady = await databaseAnswers(web);
    res
      .status(isReady ? 200 : 503)
      .type('text/plain')
      .send(isReady ? 'ok' : 'the database does not answer');
  });
}

/** Real seconds, not the Clock's: whoever asks is waiting in real time. */
async function databaseAnswers({ app }: Web): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ANSWER_WITHIN_MS);
  });
  const answer = app.db.prisma.$queryRaw`select 1`.then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
