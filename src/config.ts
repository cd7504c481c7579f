/** Every setting, read once and checked before anything starts. The only file that reads the environment. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { UsageError } from './errors.ts';

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** https, or plain http on this machine only: the sandbox. */
const platformUrl = z.string().refine(
  (text) => {
    if (!URL.canParse(text)) return false;
    const url = new URL(text);
    return (
      url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname))
    );
  },
  { message: 'should be an https URL (http is accepted for localhost only)' },
);

const wholeNumber = (min: number, max: number) =>
  z.coerce
    .number({ message: `should be a whole number from ${min} to ${max}` })
    .int({ message: `should be a whole number from ${min} to ${max}` })
    .min(min, { message: `should be a whole number from ${min} to ${max}` })
    .max(max, { message: `should be a whole number from ${min} to ${max}` });

const yesNo = z
  .enum(['true', 'false'], { message: 'should be true or false' })
  .transform((text) => text === 'true');

const encryptionKeys = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .refine((parts) => parts.every((part) => /^[A-Za-z0-9_-]{1,16}:[A-Za-z0-9+/]{43}=$/.test(part)), {
    message:
      'should be one or more id:base64-of-32-bytes, comma-separated; `duebook keys new` prints one',
  })
  .transform((parts) =>
    parts.map((part) => {
      const [id = '', key = ''] = part.split(':');
      return { id, key: Buffer.from(key, 'base64') };
    }),
  );

const Environment = z.object({
  NODE_ENV: z.string().optional(),
  DATA_DIR: z.string().default('.duebook'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, { message: 'should begin with postgres:// or postgresql://' })
    .optional(),
  ENCRYPTION_KEYS: encryptionKeys.optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      message: 'should be trace, debug, info, warn, error, fatal or silent',
    })
    .default('info'),

  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(4000),
  PUBLIC_URL: platformUrl.optional(),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\w.~+/=-]{16,200}$/, {
      message: 'should be 16 to 200 letters, digits and - . _ ~ + / =',
    })
    .optional(),
  WORKER_PORT: wholeNumber(1, 65_535).optional(),

  XERO_CLIENT_ID: z.string().optional(),
  XERO_CLIENT_SECRET: z.string().optional(),
  XERO_WEBHOOK_KEY: z.string().optional(),
  XERO_SCOPES: z
    .string()
    .default(
      'offline_access accounting.invoices accounting.payments.read accounting.contacts accounting.settings.read',
    ),
  XERO_DAY_LIMIT: wholeNumber(50, 100_000).default(1000),
  XERO_API_URL: platformUrl.default('https://api.xero.com'),
  XERO_IDENTITY_URL: platformUrl.default('https://identity.xero.com'),
  XERO_AUTHORIZE_URL: platformUrl.default('https://login.xero.com/identity/connect/authorize'),

  QUICKBOOKS_CLIENT_ID: z.string().optional(),
  QUICKBOOKS_CLIENT_SECRET: z.string().optional(),
  QUICKBOOKS_WEBHOOK_TOKEN: z.string().optional(),
  QUICKBOOKS_SCOPES: z.string().default('com.intuit.quickbooks.accounting'),
  QUICKBOOKS_API_URL: platformUrl.default('https://quickbooks.api.intuit.com'),
  INTUIT_AUTHORIZE_URL: platformUrl.default('https://appcenter.intuit.com/connect/oauth2'),
  INTUIT_TOKEN_URL: platformUrl.default(
    'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer',
  ),
  INTUIT_REVOKE_URL: platformUrl.default(
    'https://developer.api.intuit.com/v2/oauth2/tokens/revoke',
  ),
  INTUIT_USERINFO_URL: platformUrl.default(
    'https://accounts.platform.intuit.com/v1/openid_connect/userinfo',
  ),

  LEDGER_TIMEOUT_MS: wholeNumber(1000, 300_000).default(60_000),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, { message: 'should begin with redis:// or rediss://' })
    .optional(),

  SMTP_HOST: z.string().optional(),
  SMTP_PORT: wholeNumber(1, 65_535).default(587),
  SMTP_SECURE: yesNo.default(false),
  SMTP_USER: z.string().optional(),
  SMTP_PASSWORD: z.string().optional(),
  MAIL_FROM: z.email({ message: 'should be one email address' }).optional(),
  MAIL_FROM_NAME: z.string().optional(),

  IMAP_HOST: z.string().optional(),
  IMAP_PORT: wholeNumber(1, 65_535).default(993),
  IMAP_SECURE: yesNo.default(true),
  IMAP_USER: z.string().optional(),
  IMAP_PASSWORD: z.string().optional(),
  IMAP_MAILBOX: z.string().default('INBOX'),

  SYNC_MINUTES: wholeNumber(5, 1440).default(30),
  FRESHNESS_HOURS: wholeNumber(1, 168).default(24),
  MESSAGE_DAYS: wholeNumber(30, 36_500).optional(),
  AUDIT_DAYS: wholeNumber(365, 36_500).optional(),
});

type Env = z.infer<typeof Environment>;

/** Names of all settings, for the test that compares them with .env.example. */
export const SETTING_NAMES: readonly string[] = Object.keys(Environment.shape).filter(
  (name) => name !== 'NODE_ENV',
);

export interface OAuthApp {
  clientId: string;
  clientSecret: string;
  scopes: string[];
  redirectUri: string;
}

export interface XeroConfig {
  /** null: no app configured, the platform cannot be connected. */
  app: OAuthApp | null;
  webhookKey: string | null;
  dayLimit: number;
  apiUrl: string;
  identityUrl: string;
  authorizeUrl: string;
  timeoutMs: number;
}

export interface QuickBooksConfig {
  app: OAuthApp | null;
  webhookToken: string | null;
  apiUrl: string;
  authorizeUrl: string;
  tokenUrl: string;
  revokeUrl: string;
  userInfoUrl: string;
  timeoutMs: number;
}

export interface SmtpConfig {
  host: string;
  port: number;
  secure: boolean;
  auth: { user: string; pass: string } | null;
}

export interface ImapConfig {
  host: string;
  port: number;
  secure: boolean;
  user: string;
  password: string;
  mailbox: string;
}

export interface EncryptionKey {
  id: string;
  key: Buffer;
}

export interface Config {
  dataDir: string;
  databaseUrl: string | null;
  /** The first seals; all of them open. */
  encryptionKeys: EncryptionKey[];
  logLevel: string;
  web: {
    host: string;
    port: number;
    publicUrl: string;
    /** null: only this machine may read the metrics. */
    metricsToken: string | null;
    /** Where a worker without pages answers health and metrics; null: nowhere. */
    workerPort: number | null;
  };
  xero: XeroConfig;
  quickbooks: QuickBooksConfig;
  redisUrl: string | null;
  smtp: SmtpConfig | null;
  mailFrom: { name: string | null; address: string } | null;
  /** Where undelivered messages return to; null: nobody looks. */
  imap: ImapConfig | null;
  syncMinutes: number;
  freshnessHours: number;
  /** null: kept for ever. */
  retention: { messageDays: number | null; auditDays: number | null };
}

/** Reads and checks the environment. Throws a UsageError whose message has one line per wrong setting. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  // An empty line in .env means "not set".
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    throw new UsageError(
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'),
    );
  }
  return assemble(parsed.data);
}

function assemble(env: Env): Config {
  const publicUrl = (env.PUBLIC_URL ?? `http://localhost:${env.PORT}`).replace(/\/$/, '');
  const timeoutMs = env.LEDGER_TIMEOUT_MS;
  return {
    dataDir: env.DATA_DIR,
    databaseUrl: env.DATABASE_URL ?? null,
    encryptionKeys: env.ENCRYPTION_KEYS ?? [],
    logLevel: env.LOG_LEVEL,
    web: {
      host: env.HOST,
      port: env.PORT,
      publicUrl,
      metricsToken: env.METRICS_TOKEN ?? null,
      workerPort: env.WORKER_PORT ?? null,
    },
    xero: {
      app: oauthApp(
        'XERO',
        env.XERO_CLIENT_ID,
        env.XERO_CLIENT_SECRET,
        env.XERO_SCOPES,
        `${publicUrl}/callback/xero`,
      ),
      webhookKey: env.XERO_WEBHOOK_KEY ?? null,
      dayLimit: env.XERO_DAY_LIMIT,
      apiUrl: trimSlash(env.XERO_API_URL),
      identityUrl: trimSlash(env.XERO_IDENTITY_URL),
      authorizeUrl: env.XERO_AUTHORIZE_URL,
      timeoutMs,
    },
    quickbooks: {
      app: oauthApp(
        'QUICKBOOKS',
        env.QUICKBOOKS_CLIENT_ID,
        env.QUICKBOOKS_CLIENT_SECRET,
        env.QUICKBOOKS_SCOPES,
        `${publicUrl}/callback/quickbooks`,
      ),
      webhookToken: env.QUICKBOOKS_WEBHOOK_TOKEN ?? null,
      apiUrl: trimSlash(env.QUICKBOOKS_API_URL),
      authorizeUrl: env.INTUIT_AUTHORIZE_URL,
      tokenUrl: env.INTUIT_TOKEN_URL,
      revokeUrl: env.INTUIT_REVOKE_URL,
      userInfoUrl: env.INTUIT_USERINFO_URL,
      timeoutMs,
    },
    redisUrl: env.REDIS_URL ?? null,
    smtp: env.SMTP_HOST === undefined ? null : smtp(env, env.SMTP_HOST),
    mailFrom:
      env.MAIL_FROM === undefined
        ? null
        : { name: env.MAIL_FROM_NAME ?? null, address: env.MAIL_FROM },
    imap: env.IMAP_HOST === undefined ? null : imap(env, env.IMAP_HOST),
    syncMinutes: env.SYNC_MINUTES,
    freshnessHours: env.FRESHNESS_HOURS,
    retention: { messageDays: env.MESSAGE_DAYS ?? null, auditDays: env.AUDIT_DAYS ?? null },
  };
}

function oauthApp(
  prefix: string,
  clientId: string | undefined,
  clientSecret: string | undefined,
  scopes: string,
  redirectUri: string,
): OAuthApp | null {
  if (clientId === undefined && clientSecret === undefined) return null;
  if (clientId === undefined || clientSecret === undefined) {
    const missing = clientId === undefined ? `${prefix}_CLIENT_ID` : `${prefix}_CLIENT_SECRET`;
    throw new UsageError(
      `${missing}: is missing; set both ${prefix}_CLIENT_ID and ${prefix}_CLIENT_SECRET, or neither`,
    );
  }
  return {
    clientId,
    clientSecret,
    scopes: scopes.split(/\s+/).filter((scope) => scope !== ''),
    redirectUri,
  };
}

function smtp(env: Env, host: string): SmtpConfig {
  const { SMTP_USER: user, SMTP_PASSWORD: pass } = env;
  if ((user === undefined) !== (pass === undefined)) {
    const missing = user === undefined ? 'SMTP_USER' : 'SMTP_PASSWORD';
    throw new UsageError(
      `${missing}: is missing; set both SMTP_USER and SMTP_PASSWORD, or neither`,
    );
  }
  const auth = user === undefined || pass === undefined ? null : { user, pass };
  return { host, port: env.SMTP_PORT, secure: env.SMTP_SECURE, auth };
}

function imap(env: Env, host: string): ImapConfig {
  const { IMAP_USER: user, IMAP_PASSWORD: password } = env;
  if (user === undefined || password === undefined) {
    const missing = user === undefined ? 'IMAP_USER' : 'IMAP_PASSWORD';
    throw new UsageError(`${missing}: is missing; a mailbox is read by whoever signs in to it`);
  }
  const { IMAP_PORT: port, IMAP_SECURE: secure, IMAP_MAILBOX: mailbox } = env;
  return { host, port, secure, user, password, mailbox };
}

function trimSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/** A fresh key in the form of ENCRYPTION_KEYS. */
export function newEncryptionKey(id: string): string {
  return `${id}:${randomBytes(32).toString('base64')}`;
}
