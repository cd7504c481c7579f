import { expect, test } from 'vitest';
import { letterNeeds, type LetterSettings } from '../../src/domain/letter-needs.ts';

const bare: LetterSettings = {
  bookId: 3,
  customerId: 'c 1',
  customerName: 'Acme Ltd',
  isOnPaper: true,
  hasCustomerAddress: false,
  hasBookAddress: false,
  hasPaymentDetails: false,
};

test('a letter on paper lacks what it cannot do without, each with the command that mends it', () => {
  expect(letterNeeds(bare)).toEqual([
    `The letter has no address of Acme Ltd: \`duebook address 3 'c 1' --set "first line" "second line"\`.`,
    'The letter has no address of the business: `duebook address 3 --set "first line" "second line"`.',
    'The letter does not say how to pay: `duebook address 3 --pay-to "first line" "second line"`.',
  ]);
});

test('one that goes by email needs no address of the customer', () => {
  expect(letterNeeds({ ...bare, isOnPaper: false })).toHaveLength(2);
});

test('one that has everything lacks nothing', () => {
  const whole = { hasCustomerAddress: true, hasBookAddress: true, hasPaymentDetails: true };
  expect(letterNeeds({ ...bare, ...whole })).toEqual([]);
});
