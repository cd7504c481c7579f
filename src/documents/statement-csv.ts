/**
 * A statement as CSV, one row per open item or movement: amounts are numbers, and text that a
 * spreadsheet would run as a formula is made harmless (OWASP, CSV injection).
 */
import { stringify } from 'csv-stringify/sync';
import { formatDay } from '../domain/day.ts';
import { type Currency, type Minor, minorToDecimal } from '../domain/money.ts';
import type { ActivityStatement, OpenItemStatement, Statement } from '../domain/statement.ts';
import { heldLabel, movementDetail, movementLabel } from '../domain/statement-words.ts';
import { tidy } from './tidy.ts';

type Row = Record<string, string | number>;

const OPEN_ITEM_COLUMNS = [
  'customer',
  'currency',
  'as_of',
  'type',
  'document',
  'reference',
  'branch',
  'issued_on',
  'due_on',
  'days_overdue',
  'bucket',
  'total',
  'settled',
  'open',
  'disputed',
];
const ACTIVITY_COLUMNS = [
  'customer',
  'currency',
  'date',
  'type',
  'document',
  'detail',
  'charged',
  'credited',
  'balance',
];

export function statementCsv(customerName: string, statements: readonly Statement[]): Buffer {
  const rows = statements.flatMap((statement) =>
    statement.kind === 'open-item' ? openItemRows(statement) : activityRows(statement),
  );
  const isActivity = statements.some((statement) => statement.kind === 'activity');
  const text = stringify(
    rows.map((row) => ({ customer: tidy(customerName), ...row })),
    {
      header: true,
      columns: isActivity ? ACTIVITY_COLUMNS : OPEN_ITEM_COLUMNS,
      escape_formulas: true,
      record_delimiter: 'windows',
    },
  );
  // Excel takes a CSV for UTF-8 only by its mark.
  return Buffer.from(`\ufeff${text}`, 'utf8');
}

/** An invoice in parts has a row for each; its total and what was settled stand in the first. */
function openItemRows(statement: OpenItemStatement): Row[] {
  const { currency } = statement;
  const common = { currency, as_of: formatDay(statement.asOn) };
  const invoices = statement.rows.flatMap(({ invoice, parts, ...row }) =>
    parts.map((part, index): Row => ({
      ...common,
      type: invoice.kind,
      document: tidy(invoice.number),
      reference: tidy(invoice.reference ?? ''),
      branch: tidy(invoice.branch ?? ''),
      issued_on: formatDay(invoice.issuedOn),
      due_on: formatDay(part.dueOn),
      days_overdue: Math.max(0, part.daysOverdue),
      bucket: part.bucket,
      ...(index > 0
        ? {}
        : {
            total: number(row.totalMinor, currency),
            settled: number(row.settledMinor, currency),
            disputed: number(row.disputedMinor, currency),
          }),
      open: number(part.openMinor, currency),
    })),
  );
  const held = statement.held.map((row): Row => ({
    ...common,
    type: row.kind,
    document: tidy(heldLabel(row)),
    issued_on: formatDay(row.on),
    open: number(-row.amountMinor, currency),
  }));
  return [...invoices, ...held];
}

function activityRows(statement: ActivityStatement): Row[] {
  const { currency } = statement;
  const edge = (type: string, on: string, minor: Minor): Row => ({
    currency,
    date: on,
    type,
    balance: number(minor, currency),
  });
  return [
    edge('opening balance', formatDay(statement.from), statement.openingMinor),
    ...statement.rows.map((row): Row => ({
      currency,
      date: formatDay(row.on),
      type: row.kind,
      document: tidy(movementLabel(row)),
      detail: tidy(movementDetail(row)),
      charged: row.amountMinor > 0 ? number(row.amountMinor, currency) : '',
      credited: row.amountMinor < 0 ? number(-row.amountMinor, currency) : '',
      balance: number(row.balanceMinor, currency),
    })),
    edge('closing balance', formatDay(statement.to), statement.closingMinor),
  ];
}

/** A number stays one: as text its minus sign would be taken for a formula. */
function number(amountMinor: Minor, currency: Currency): number {
  return Number(minorToDecimal(amountMinor, currency));
}
