/** The page on which a person says yes or no to Duebook, and the stand-in for that person in tests. */
import { escapeHtml } from './http.ts';

export interface ConsentPage {
  vendor: string;
  action: string;
  request: string;
  books: readonly { id: string; name: string }[];
  /** Xero lets the person tick several organisations; Intuit asks for one company. */
  several: boolean;
}

export function consentPage(page: ConsentPage): string {
  const type = page.several ? 'checkbox' : 'radio';
  const books = page.books.map((book, index) => {
    const checked = page.several || index === 0 ? ' checked' : '';
    return `<label><input type="${type}" name="book" value="${escapeHtml(book.id)}"${checked}> ${escapeHtml(book.name)}</label>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Allow access - ${escapeHtml(page.vendor)}</title>
<style>
body{font:16px/1.5 system-ui,sans-serif;max-width:28rem;margin:12vh auto;padding:0 1rem;color:#1d2730}
h1{font-size:1.3rem;font-weight:600}label{display:block;padding:.5rem 0;border-bottom:1px solid #dfe4e8}
p.small{color:#5c6a76;font-size:.85rem}button{font:inherit;padding:.5rem 1.2rem;margin:1.2rem .6rem 0 0;border-radius:.3rem;border:1px solid #8a97a3;background:#fff}
button[value=allow]{background:#13623f;border-color:#13623f;color:#fff}
</style></head><body>
<h1>Duebook wants to connect to ${escapeHtml(page.vendor)}</h1>
<p>It will read customers, invoices and payments, and add notes to them.</p>
<form method="post" action="${escapeHtml(page.action)}">
<input type="hidden" name="request" value="${escapeHtml(page.request)}">
${books.join('\n')}
<button name="decision" value="allow">Allow access</button><button name="decision" value="refuse">Refuse</button>
</form>
<p class="small">This is the sandbox on your own machine. The companies in it are invented.</p>
</body></html>`;
}

export interface ConsentChoice {
  deny?: boolean;
  /** Ids or names; the ones ticked on the page when not given. */
  companies?: string[];
}

/** Opens the page, presses a button, and gives the address the browser was sent to, unvisited. */
export async function actPerson(authorizeUrl: string, choice: ConsentChoice = {}): Promise<string> {
  const page = await fetch(authorizeUrl, { redirect: 'manual' });
  const location = page.headers.get('location');
  if (location !== null) return location;
  const text = await page.text();
  if (page.status !== 200) throw new Error(`the consent page answered ${page.status}: ${text}`);
  const request = /name="request" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const action = /action="([^"]+)"/.exec(text)?.[1] ?? '';
  const form = new URLSearchParams({
    request,
    decision: choice.deny === true ? 'refuse' : 'allow',
  });
  for (const id of chosen(text, choice.companies)) form.append('book', id);
  const answer = await fetch(new URL(action, authorizeUrl), {
    method: 'POST',
    body: form,
    redirect: 'manual',
  });
  const callback = answer.headers.get('location');
  if (callback === null) throw new Error(`consent gave no redirect: ${await answer.text()}`);
  return callback;
}

function chosen(page: string, companies: string[] | undefined): string[] {
  const boxes = [...page.matchAll(/name="book" value="([^"]+)"( checked)?> ([^<]*)</g)].map(
    ([, id = '', checked, name = '']) => ({ id, name, checked: checked !== undefined }),
  );
  const picked = boxes.filter((box) =>
    companies === undefined
      ? box.checked
      : companies.some((wanted) => wanted === box.id || escapeHtml(wanted) === box.name),
  );
  return picked.map((box) => box.id);
}
