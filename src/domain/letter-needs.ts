/**
 * What a letter lacks, said while somebody can still mend it and not when it is printed. It is no reason
 * to refuse: an address may be written by hand.
 * On paper, nothing set: the customer's address, the business's, and how to pay, each with its command.
 */
export interface LetterSettings {
  bookId: number;
  customerId: string;
  customerName: string;
  /** It is posted; one that goes by email needs no address of the customer. */
  isOnPaper: boolean;
  hasCustomerAddress: boolean;
  hasBookAddress: boolean;
  hasPaymentDetails: boolean;
}

export function letterNeeds(letter: LetterSettings): string[] {
  const { bookId, customerId, customerName, isOnPaper } = letter;
  const lines = '"first line" "second line"';
  return [
    ...(isOnPaper && !letter.hasCustomerAddress
      ? [
          `The letter has no address of ${customerName}: \`duebook address ${bookId} ${quoted(customerId)} --set ${lines}\`.`,
        ]
      : []),
    ...(letter.hasBookAddress
      ? []
      : [
          `The letter has no address of the business: \`duebook address ${bookId} --set ${lines}\`.`,
        ]),
    ...(letter.hasPaymentDetails
      ? []
      : [`The letter does not say how to pay: \`duebook address ${bookId} --pay-to ${lines}\`.`]),
  ];
}

function quoted(id: string): string {
  return /^[\w-]+$/.test(id) ? id : `'${id}'`;
}
