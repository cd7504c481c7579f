/** A charge as a file: the row that was shown and decided, set on paper. Nothing is reckoned anew. */
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { fileWords } from '../documents/file-words.ts';
import { chargePdf } from '../documents/charge-pdf.ts';
import { day, dayIn } from '../domain/day.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { businessOnPaper } from '../domain/senders.ts';
import { readCustomerPaper } from '../store/addresses.ts';
import type { Tx } from '../store/db.ts';
import { readCharge } from './charges.ts';

interface Deps {
  tx: Tx;
  clock: Clock;
  config: Pick<Config, 'mailFrom'>;
}

export async function chargeFile({ tx, clock, config }: Deps, bookId: BookId, id: number) {
  const charge = await readCharge(tx, bookId, id);
  const book = await tx.book.findUniqueOrThrow({ where: { id: bookId } });
  const customerId = charge.customerId as CustomerId;
  const customer = await tx.customer.findUniqueOrThrow({
    where: { bookId_id: { bookId, id: customerId } },
  });
  const { postalAddress } = await readCustomerPaper(tx, bookId, customerId);
  const { state, currency, lines, interestMinor, compensationMinor, totalMinor, working } = charge;
  const asOn = day(charge.asOn);
  const content = await chargePdf({
    ...{ state, currency, lines, interestMinor, compensationMinor, totalMinor, working },
    reference: `C-${charge.id}`,
    business: businessOnPaper(book, config.mailFrom),
    customerName: customer.name,
    customerAddress: postalAddress,
    datedOn: charge.decidedAt === null ? asOn : dayIn(book.timeZone, charge.decidedAt),
    asOn,
    paymentDetails: book.paymentDetails,
    createdAt: clock.now(),
  });
  return { filename: `Charge ${fileWords(customer.name)} C-${charge.id}.pdf`, content };
}
