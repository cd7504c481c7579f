/** Letters, digits and spaces that every system takes in a file name. */
export function fileWords(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9]+/g, ' ')
    .trim();
  return plain === '' ? 'customer' : plain.slice(0, 60).trim();
}
