import type { Command } from 'commander';
import type { App } from '../app.ts';
import { UsageError } from '../errors.ts';
import {
  LEGAL_FORMS,
  type LegalForm,
  paperLines,
  readBookPaper,
  readCustomerPaper,
  saveBookPaper,
  saveCustomerPaper,
} from '../store/addresses.ts';
import { chooseCustomer, type CustomerChoice } from './choose-customer.ts';
import { type BookChoice, chooseBook, type CliContext, withApp } from './context.ts';

interface AddressOptions {
  set?: string[];
  payTo?: string[];
  legalForm?: string;
  remove?: true;
}

export function addressCommand(program: Command, context: CliContext) {
  program
    .command('address <book> [customer]')
    .description('what stands on letters: the business’s address and how to pay, or a customer’s')
    .option('--set <lines...>', 'the address, line by line')
    .option('--pay-to <lines...>', 'of the business: how to pay, line by line')
    .option('--legal-form <form>', `of a customer: ${LEGAL_FORMS.join(' or ')}`)
    .option('--remove', 'takes the address away')
    .action(async (wanted: string, whom: string | undefined, options: AddressOptions) => {
      const postalAddress = addressOf(options);
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        const lines =
          whom === undefined
            ? await ofBook(app, book, postalAddress, options)
            : await ofCustomer(
                app,
                book,
                await chooseCustomer(app, book.id, whom),
                postalAddress,
                options,
              );
        for (const line of lines) context.print(line);
      });
    });
}

/** undefined: it stays as it is; null: it goes. */
function addressOf({ set, remove }: AddressOptions): string | null | undefined {
  if (set !== undefined && remove === true) {
    throw new UsageError('--set and --remove: one of them, not both');
  }
  if (set === undefined) return remove === true ? null : undefined;
  return paperLines('--set', set);
}

async function ofBook(
  app: App,
  book: BookChoice,
  postalAddress: string | null | undefined,
  { payTo, legalForm }: AddressOptions,
): Promise<string[]> {
  if (legalForm !== undefined) {
    throw new UsageError('--legal-form is a customer’s: name the customer');
  }
  const paper = {
    ...(postalAddress === undefined ? {} : { postalAddress }),
    ...(payTo === undefined ? {} : { paymentDetails: paperLines('--pay-to', payTo) }),
  };
  if (Object.keys(paper).length > 0) await saveBookPaper(app.db, book.id, paper, change(app));
  const now = await readBookPaper(app.db.prisma, book.id);
  return [
    `${book.name}: ${oneLine(now.postalAddress, 'no address')}`,
    `how to pay: ${oneLine(now.paymentDetails, 'not set')}`,
  ];
}

async function ofCustomer(
  app: App,
  book: BookChoice,
  customer: CustomerChoice,
  postalAddress: string | null | undefined,
  { payTo, legalForm }: AddressOptions,
): Promise<string[]> {
  if (payTo !== undefined)
    throw new UsageError('--pay-to is the business’s: leave the customer out');
  const paper = {
    ...(postalAddress === undefined ? {} : { postalAddress }),
    ...(legalForm === undefined ? {} : { legalForm: formOf(legalForm) }),
  };
  if (Object.keys(paper).length > 0) {
    await saveCustomerPaper(app.db, book.id, customer.id, paper, change(app));
  }
  const now = await readCustomerPaper(app.db.prisma, book.id, customer.id);
  return [
    `${customer.name}: ${oneLine(now.postalAddress, 'no address')}`,
    `legal form: ${now.legalForm ?? 'not set, taken for a company'}`,
  ];
}

function formOf(text: string): LegalForm {
  const form = LEGAL_FORMS.find((known) => known === text);
  if (form !== undefined) return form;
  throw new UsageError(`--legal-form ${text}: should be ${LEGAL_FORMS.join(' or ')}`);
}

function change(app: App) {
  return { at: app.clock.now(), actor: 'command line' };
}

function oneLine(text: string | null, otherwise: string): string {
  return text === null ? otherwise : text.replaceAll('\n', ', ');
}
