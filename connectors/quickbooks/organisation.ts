/** The company as Intuit describes it, in two answers: CompanyInfo and Preferences. */
import { z } from 'zod';
import { type Currency, isCurrency } from '../../src/domain/money.ts';
import type { Organisation } from '../../src/domain/receivables.ts';
import { LedgerError } from '../../src/errors.ts';
import type { Client, Row } from './client.ts';
import { countryCode, timeZoneOf } from './countries.ts';
import { text, textOf } from './fields.ts';

const address = z.object({ Country: text }).nullish();

const CompanyRow = z.object({
  CompanyName: text,
  LegalName: text,
  Country: text,
  CompanyAddr: address,
  LegalAddr: address,
  DefaultTimeZone: text,
});

const PreferencesRow = z.object({
  CurrencyPrefs: z.object({ HomeCurrency: z.object({ value: z.string() }) }),
});

export async function readOrganisation(client: Client, realmId: string): Promise<Organisation> {
  const company = parseCompany(await readCompany(client, realmId));
  const baseCurrency = await readHomeCurrency(client);
  return { ...company, baseCurrency };
}

export function readCompany(client: Client, realmId: string): Promise<Row> {
  return client.get('companyinfo', (sdk, done) =>
    sdk.getCompanyInfo(encodeURIComponent(realmId), done),
  );
}

export async function readHomeCurrency(client: Client): Promise<Currency> {
  const row = await client.get('preferences', (sdk, done) => sdk.getPreferences(done));
  const parsed = PreferencesRow.safeParse(row);
  const currency = parsed.success ? parsed.data.CurrencyPrefs.HomeCurrency.value : '';
  if (!isCurrency(currency)) throw unreadable('CurrencyPrefs.HomeCurrency');
  return currency;
}

export function parseCompany(row: Row): Omit<Organisation, 'baseCurrency'> {
  const parsed = CompanyRow.safeParse(row);
  if (!parsed.success) throw unreadable(parsed.error.issues[0]?.path.join('.') ?? '');
  const company = parsed.data;
  const name = textOf(company.CompanyName) ?? textOf(company.LegalName);
  if (name === null) throw unreadable('CompanyName');
  const country = countryOf(company);
  return {
    name,
    legalName: textOf(company.LegalName),
    country,
    timeZone: timeZoneOf(textOf(company.DefaultTimeZone), country),
    shortCode: null,
    // The setting exists on the screen; no answer of the API carries it.
    platformRemindersOn: null,
  };
}

function countryOf(company: z.infer<typeof CompanyRow>): string {
  const given = [company.Country, company.CompanyAddr?.Country, company.LegalAddr?.Country];
  const codes = given.map((country) => countryCode(country ?? ''));
  const [code] = codes.filter((found) => found !== null);
  if (code === undefined) throw unreadable('Country');
  return code;
}

function unreadable(field: string): LedgerError {
  return new LedgerError(
    'unexpected_shape',
    `QuickBooks described the company in a way we do not understand: ${field}`,
    { field },
  );
}
