/** A real, small PDF of an invoice. */
import PDFDocument from 'pdfkit';

export interface PdfInvoice {
  seller: string;
  customer: string;
  number: string;
  issuedOn: string;
  dueOn: string;
  description: string;
  total: string;
  due: string;
}

export async function invoicePdf(invoice: PdfInvoice, now: Date): Promise<Buffer> {
  const document = new PDFDocument({
    size: 'A4',
    margin: 60,
    info: { Title: `Invoice ${invoice.number}`, CreationDate: now },
  });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const finished = new Promise<void>((resolve) => {
    document.on('end', resolve);
  });
  // The built-in fonts hold Latin letters only; the sandbox is about bytes, not typography.
  const latin = (text: string): string => text.replace(/[^\u0020-\u00ff]/g, '?');
  document.fontSize(18).text(latin(invoice.seller)).moveDown();
  document.fontSize(12).text(`Invoice ${latin(invoice.number)}`);
  document.text(`To ${latin(invoice.customer)}`);
  document.text(`Date ${invoice.issuedOn}   Due ${invoice.dueOn}`).moveDown();
  document.text(latin(invoice.description)).moveDown();
  document.text(`Total ${invoice.total}`);
  document.text(`Amount due ${invoice.due}`);
  document.end();
  await finished;
  return Buffer.concat(chunks);
}
