/** Xero’s contacts, suppliers included: which of them are customers Xero only derives. */
import { z } from 'zod';
import type { Currency } from '../../src/domain/money.ts';
import type { Contact, Customer, CustomerId } from '../../src/domain/receivables.ts';
import {
  BadField,
  currency,
  decimal,
  id,
  optionalText,
  signedAmount,
  text,
  yesNo,
} from './fields.ts';
import { type Mapper, read, stamp } from './map.ts';

const XeroContact = z.object({
  ContactID: id,
  Name: optionalText,
  FirstName: optionalText,
  LastName: optionalText,
  ContactStatus: z.string().nullish(),
  EmailAddress: text.nullish(),
  ContactPersons: z
    .array(
      z.object({
        FirstName: optionalText,
        LastName: optionalText,
        EmailAddress: text.nullish(),
        IncludeInEmails: yesNo.nullish(),
      }),
    )
    .nullish(),
  Phones: z
    .array(
      z.object({
        PhoneType: z.string().nullish(),
        PhoneNumber: optionalText,
        PhoneAreaCode: optionalText,
        PhoneCountryCode: optionalText,
      }),
    )
    .nullish(),
  DefaultCurrency: z.union([z.literal('').transform(() => null), currency]).nullish(),
  MergedToContactID: z.union([z.literal('').transform(() => null), id]).nullish(),
  Balances: z
    .object({ AccountsReceivable: z.object({ Outstanding: decimal.nullish() }).nullish() })
    .nullish(),
  ...stamp,
});

/**
 * Xero leaves DefaultCurrency out for contacts that use the organisation's own. The outstanding
 * balance is taken over for those only: for the others its currency is not certain.
 */
export function mapContact(base: Currency): Mapper<Customer> {
  return (raw) => {
    const contact = read(XeroContact, raw);
    const name = contact.Name ?? fullName(contact.FirstName, contact.LastName);
    if (name === null) throw new BadField('Name', 'is missing');
    const ownCurrency = contact.DefaultCurrency ?? base;
    const outstanding = contact.Balances?.AccountsReceivable?.Outstanding ?? null;
    return {
      id: contact.ContactID as CustomerId,
      name,
      emailText: given(contact.EmailAddress),
      contacts: contactPersons(contact.ContactPersons ?? []),
      phone: mainPhone(contact.Phones ?? []),
      isActive: (contact.ContactStatus ?? 'ACTIVE') === 'ACTIVE',
      mergedIntoId: (contact.MergedToContactID ?? null) as CustomerId | null,
      parentId: null,
      billWithParent: false,
      currency: ownCurrency,
      ledgerBalanceMinor:
        outstanding === null || ownCurrency !== base
          ? null
          : signedAmount(outstanding, base, 'Balances.AccountsReceivable.Outstanding'),
      remoteVersion: null,
      remoteUpdatedAt: contact.UpdatedDateUTC ?? null,
    };
  };
}

/** An address is kept exactly as it stands, line breaks included: whoever sends decides what it is worth. */
function given(value: string | null | undefined): string | null {
  return value === null || value === undefined || value.trim() === '' ? null : value;
}

function fullName(first: string | null, last: string | null): string | null {
  const name = [first, last].filter((part) => part !== null).join(' ');
  return name === '' ? null : name;
}

type XeroPersons = NonNullable<z.output<typeof XeroContact>['ContactPersons']>;
type XeroPhones = NonNullable<z.output<typeof XeroContact>['Phones']>;

function contactPersons(persons: XeroPersons): Contact[] {
  return persons.flatMap((person) => {
    const email = given(person.EmailAddress);
    if (email === null) return [];
    return [
      {
        name: fullName(person.FirstName, person.LastName),
        email,
        includeInEmails: person.IncludeInEmails ?? false,
      },
    ];
  });
}

function mainPhone(phones: XeroPhones): string | null {
  const withNumber = phones.filter((phone) => phone.PhoneNumber !== null);
  const phone = withNumber.find((one) => one.PhoneType === 'DEFAULT') ?? withNumber[0];
  if (phone === undefined) return null;
  const country =
    phone.PhoneCountryCode === null ? null : `+${phone.PhoneCountryCode.replace(/^\+/, '')}`;
  return [country, phone.PhoneAreaCode, phone.PhoneNumber]
    .filter((part) => part !== null)
    .join(' ');
}
