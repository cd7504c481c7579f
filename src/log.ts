/** Structured logs on stderr. What may identify a debtor or open a door is never put in; `redact` is the second net. */
import pino from 'pino';

export type Log = pino.Logger;

/** `destination` is for tests; a process logs to stderr. */
export function createLog(level: string, destination?: pino.DestinationStream): Log {
  return pino(
    {
      name: 'duebook',
      level,
      base: null,
      redact: {
        paths: [
          '*.accessToken',
          '*.refreshToken',
          '*.authorization',
          '*.cookie',
          '*.password',
          '*.secret',
          '*.email',
          'accessToken',
          'refreshToken',
          'password',
          'secret',
        ],
        censor: '[redacted]',
      },
      serializers: { err: describeError },
    },
    destination ?? pino.destination({ fd: 2, sync: true }),
  );
}

/** Code and message only: the `cause` of an error may hold a request, and a request holds a token. */
function describeError(err: unknown): object {
  if (!(err instanceof Error)) return { message: 'a value that is no Error was thrown' };
  const code = (err as { code?: unknown }).code;
  return {
    type: err.name,
    message: err.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(err.stack === undefined ? {} : { stack: err.stack.split('\n').slice(1, 6).join('\n') }),
  };
}
