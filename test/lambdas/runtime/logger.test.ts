import { createLogger } from '../../../lambdas/runtime/logger.ts';
import { blankPersonal, redact, redactedKeys } from '../../../lambdas/runtime/redaction.ts';

/** The line that a problem leaves in the log. */
function lineOf(problem: string, fields: object): { text: string; line: Record<string, unknown> } {
  const written: unknown[] = [];
  const error = jest.spyOn(console, 'error').mockImplementation((text) => written.push(text));
  // Powertools warns of a field named as one of its own.
  const warn = jest.spyOn(console, 'warn').mockImplementation();
  createLogger('meta-door').error(problem, fields);
  error.mockRestore();
  warn.mockRestore();
  const [text] = written;
  return { text: String(text), line: JSON.parse(String(text)) };
}

describe('a problem in the log', () => {
  // Powertools writes through the console of its own while it does not run in development.
  const before = process.env.POWERTOOLS_DEV;
  beforeAll(() => {
    process.env.POWERTOOLS_DEV = 'true';
  });
  afterAll(() => {
    if (before === undefined) delete process.env.POWERTOOLS_DEV;
    else process.env.POWERTOOLS_DEV = before;
  });

  it('is a line of level ERROR with its fields', () => {
    const { line } = lineOf('message.delayed', { messageId: 'wamid.1', attempts: 2, kind: 'throttled' });

    expect(line).toMatchObject({
      level: 'ERROR',
      message: 'message.delayed',
      service: 'meta-door',
      messageId: 'wamid.1',
      attempts: 2,
      kind: 'throttled',
    });
  });

  it.each([...redactedKeys].map((key) => [key]))('never shows what stands under %s, at any depth', (key) => {
    const fields = { [key]: 'canary', a: { [key]: { b: 'canary' }, list: [{ c: { [key]: ['canary'] } }] } };

    const { text, line } = lineOf('record.failed', fields);

    expect(text).not.toContain('canary');
    expect(line.message).not.toBe('canary');
    expect(line.a).toEqual({ [key]: '[redacted]', list: [{ c: { [key]: '[redacted]' } }] });
  });
});

describe('redaction', () => {
  it('covers what people write, who they are and what opens doors', () => {
    const personal = ['text', 'body', 'caption', 'message', 'name', 'username', 'nickname', 'phone', 'from'];
    const ids = [
      'wa_id',
      'user_id',
      'userId',
      'fromId',
      'customer',
      'customerId',
      'customerKey',
      'to',
      'contacts',
    ];
    const keys = ['authorization', 'headers', 'secret', 'token', 'url'];

    expect([...redactedKeys].sort()).toEqual([...personal, ...ids, ...keys].sort());
  });

  it('leaves other keys and missing values alone', () => {
    expect(redact('messageId', 'wamid.1')).toBe('wamid.1');
    expect(redact('', { text: 'x' })).toEqual({ text: 'x' });
    expect(JSON.stringify({ text: undefined }, redact)).toBe('{}');
    expect(redact('text', null)).toBe('[redacted]');
  });

  it('of flat fields copies only when there is something to blank', () => {
    const harmless = { messageId: 'wamid.1' };
    const personal = { messageId: 'wamid.1', phone: '441' };

    expect(blankPersonal(harmless)).toBe(harmless);
    expect(blankPersonal(personal)).toEqual({ messageId: 'wamid.1', phone: '[redacted]' });
    expect(personal.phone).toBe('441');
  });
});
