/** Looks for marked secrets in whatever was written, in every spelling in which they travel. */
export interface Find {
  name: string;
  where: string;
  spelling: string;
}

const SPELLINGS: Readonly<Record<string, (secret: string) => string>> = {
  'as it is': (secret) => secret,
  base64: (secret) => Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  base64url: (secret) => Buffer.from(secret).toString('base64url'),
  hex: (secret) => Buffer.from(secret).toString('hex'),
  'percent-encoded': (secret) => encodeURIComponent(secret),
  'in JSON': (secret) => JSON.stringify(secret).slice(1, -1),
};

/** Shorter ones would be found by accident. */
const LENGTH_MIN = 8;

export function findSecrets(
  secrets: ReadonlyMap<string, string>,
  written: ReadonlyMap<string, string>,
): Find[] {
  const finds: Find[] = [];
  for (const [name, secret] of secrets) {
    if (secret.length < LENGTH_MIN) throw new Error(`${name} is too short to be looked for`);
    for (const [where, text] of written) {
      const found = Object.entries(SPELLINGS).find(([, spell]) => text.includes(spell(secret)));
      if (found !== undefined) finds.push({ name, where, spelling: found[0] });
    }
  }
  return finds;
}
