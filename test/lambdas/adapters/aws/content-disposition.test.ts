import { toAttachmentHeader } from '../../../../lambdas/adapters/aws/content-disposition.ts';

it.each([
  ['plan.pdf', `attachment; filename="plan.pdf"; filename*=UTF-8''plan.pdf`],
  ['Üb er.pdf', `attachment; filename="_b er.pdf"; filename*=UTF-8''%C3%9Cb%20er.pdf`],
  ['"a\\b%41.pdf', `attachment; filename="_a_b_41.pdf"; filename*=UTF-8''%22a%5Cb%2541.pdf`],
  ["it's (1)*.pdf", `attachment; filename="it's (1)*.pdf"; filename*=UTF-8''it%27s%20%281%29%2A.pdf`],
  [
    'a\r\nSet-Cookie: b',
    `attachment; filename="a__Set-Cookie: b"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20b`,
  ],
  ['lone \ud800', `attachment; filename="lone _"; filename*=UTF-8''lone%20%EF%BF%BD`],
])('the name %j becomes a header of ASCII', (filename, header) => {
  expect(toAttachmentHeader(filename)).toBe(header);
  expect(header).toMatch(/^[\x20-\x7e]+$/);
});
