/**
 * Who gave a word, told apart as two people would be: capitals and spaces make nobody new. Until
 * there are accounts a person is the name they give.
 * " mia  Tran" and "Mia Tran" are one person, who can approve a final demand once and not twice.
 */
export function personKey(name: string): string {
  return personName(name).toLowerCase();
}

/** As it is written down: one line, single spaces. */
export function personName(name: string): string {
  return name.normalize('NFKC').replace(/\s+/g, ' ').trim();
}
