/**
 * The little of IMAP that reading a mailbox takes, for tests: one account, one folder, keywords. It
 * keeps what a client said, so that a test can see that it asked for no more than it needs.
 */
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface ImapServer {
  readonly port: number;
  deliver(raw: Buffer | string): void;
  /** Flags by mail, in order of arrival. */
  flags(): string[][];
  commands(): string[];
  close(): Promise<void>;
}

interface Mail {
  raw: Buffer;
  flags: string[];
}

export async function startImapServer(account: {
  user: string;
  password: string;
}): Promise<ImapServer> {
  const mails: Mail[] = [];
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n');
    let rest = '';
    socket.on('data', (chunk: Buffer) => {
      rest += chunk.toString('latin1');
      for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        answer(socket, line, { mails, commands, account });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    deliver(raw) {
      mails.push({ raw: Buffer.from(raw), flags: [] });
    },
    flags: () => mails.map((mail) => [...mail.flags]),
    commands: () => [...commands],
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

interface Session {
  mails: Mail[];
  commands: string[];
  account: { user: string; password: string };
}

function answer(socket: Socket, line: string, { mails, commands, account }: Session): void {
  const [tag = '*', ...words] = line.split(' ');
  const verb = (words[0] ?? '').toUpperCase();
  const command = verb === 'UID' ? `UID ${(words[1] ?? '').toUpperCase()}` : verb;
  commands.push(command);
  const say = (text: string): void => {
    socket.write(`${text}\r\n`);
  };
  const ok = (): void => say(`${tag} OK done`);
  const rest = words.slice(command.includes(' ') ? 2 : 1).join(' ');
  switch (command) {
    case 'CAPABILITY':
      say('* CAPABILITY IMAP4rev1');
      ok();
      return;
    case 'LOGIN': {
      const isRight = rest.replaceAll('"', '') === `${account.user} ${account.password}`;
      if (isRight) ok();
      else say(`${tag} NO [AUTHENTICATIONFAILED] no`);
      return;
    }
    case 'LIST':
    case 'LSUB':
      say('* LIST (\\HasNoChildren) "/" INBOX');
      ok();
      return;
    case 'SELECT':
    case 'EXAMINE':
      say('* FLAGS (\\Seen \\Deleted)');
      say('* OK [PERMANENTFLAGS (\\Seen \\Deleted \\*)] any');
      say(`* ${mails.length} EXISTS`);
      say('* 0 RECENT');
      say('* OK [UIDVALIDITY 1] valid');
      say(`* OK [UIDNEXT ${mails.length + 1}] next`);
      say(`${tag} OK [READ-WRITE] done`);
      return;
    case 'UID SEARCH': {
      const keyword = /UNKEYWORD "?(\w+)"?/i.exec(rest)?.[1];
      const found = mails.flatMap((mail, i) =>
        keyword !== undefined && mail.flags.includes(keyword) ? [] : [i + 1],
      );
      say(`* SEARCH ${found.join(' ')}`.trim());
      ok();
      return;
    }
    case 'UID FETCH': {
      const uid = Number(words[2]);
      const mail = mails[uid - 1];
      if (mail !== undefined) {
        socket.write(`* ${uid} FETCH (UID ${uid} BODY[] {${mail.raw.length}}\r\n`);
        socket.write(mail.raw);
        socket.write(')\r\n');
      }
      ok();
      return;
    }
    case 'UID STORE': {
      const uid = Number(words[2]);
      const added = /\(([^)]*)\)/.exec(rest)?.[1]?.split(' ') ?? [];
      mails[uid - 1]?.flags.push(...added);
      ok();
      return;
    }
    case 'LOGOUT':
      say('* BYE');
      ok();
      socket.end();
      return;
    default:
      ok();
      return;
  }
}
