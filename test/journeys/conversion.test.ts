import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { type MessageShape, whatsappMessages } from '../whatsapp-messages.ts';
import { aMessage, aPhone, aWebhook, LocalRun, type ProviderRequest, until } from './local-run.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await LocalRun.start();
}, 60_000);
afterAll(() => run?.stop());
beforeEach(() => run.calm());
jest.setTimeout(120_000);

/** The beginning of real files, by kind of message. */
const files: Record<string, { mime: string; bytes: Buffer }> = {
  image: { mime: 'image/jpeg', bytes: Buffer.from('ffd8ffe000104a46494600010100', 'hex') },
  video: { mime: 'video/mp4', bytes: Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1') },
  audio: { mime: 'audio/ogg', bytes: Buffer.from('OggS\0\x02\0\0\0\0', 'latin1') },
  document: { mime: 'application/pdf', bytes: Buffer.from('%PDF-1.7\n%%EOF\n') },
  sticker: { mime: 'image/webp', bytes: Buffer.from('RIFF\x1a\0\0\0WEBPVP8 ', 'latin1') },
};
const uploaded: Record<string, { id: string; sha256: string; mime_type: string }> = {};
beforeAll(async () => {
  for (const [kind, { mime, bytes }] of Object.entries(files)) {
    const response = await fetch(`${run.endpoints.meta}/_media`, {
      method: 'POST',
      headers: { 'content-type': mime },
      body: new Uint8Array(bytes),
    });
    uploaded[kind] = { ...((await response.json()) as { id: string; sha256: string }), mime_type: mime };
  }
});

/** Media that the stand-in has, in place of an id it does not know. */
function withRealFile({ message }: MessageShape): Record<string, unknown> {
  const kind = String(message.type);
  const content = message[kind] as { id?: string; mime_type?: string | null } | undefined;
  const file = uploaded[kind];
  if (!file || !content?.id || content.mime_type === null) return message;
  return { ...message, [kind]: { ...content, ...file, url: undefined } };
}

/** Everything Genesys accepted, in order. */
async function accepted(): Promise<ProviderRequest[]> {
  const rows = await run.get<ProviderRequest[]>(`${run.endpoints.genesys}/_requests`);
  return rows.filter(({ path, status }) => path.includes('/inbound/open/') && status === 200);
}

const body = (row: ProviderRequest | undefined) =>
  row?.body as unknown as {
    channel: { messageId: string };
    text?: string;
    originatingMessageId?: string;
    buttonResponse?: object;
    content?: { attachment: { url: string; filename?: string; mime: string } }[];
  };

describe('a batch of everything', () => {
  it('with five poison items reaches Genesys whole and in order: fifty messages of every kind', async () => {
    const from = aPhone();
    const batch = whatsappMessages.filter(({ name }) => !/large|hostile/.test(name)).slice(0, 50);
    const messages: unknown[] = batch.map((shape) =>
      aMessage(from, '', { text: undefined, ...withRealFile(shape) }),
    );
    const ids = messages.map((message) => (message as { id: string }).id);
    for (const [index, item] of [null, 'x', 7, [], [[]]].entries()) messages.splice(index * 11, 0, item);

    expect((await run.post(aWebhook(run.endpoints.phoneNumberId, messages))).status).toBe(200);

    const rows = await until(accepted, (found) => found.length >= batch.length, 90_000);
    expect(rows.map((row) => body(row).channel.messageId)).toEqual(ids);
    for (const [index, { words }] of batch.entries()) {
      const { text = '', content } = body(rows[index]);
      const attachment = content?.[0]?.attachment;
      const file = attachment?.mime.startsWith('text/') ? await (await fetch(attachment.url)).text() : '';
      for (const word of words) expect(`${text}\n${file}\n${attachment?.filename}`).toContain(word);
    }
    const requests = await run.deskRequests();
    expect(requests.filter(({ status }) => status !== 200)).toEqual([]);
  });

  it('written by an attacker is taken by Genesys at the first attempt', async () => {
    const from = aPhone();
    const batch = whatsappMessages.filter(({ name }) => /large|hostile/.test(name));
    const messages = batch.map(({ message }) => aMessage(from, '', { text: undefined, ...message }));

    for (const message of messages) {
      expect((await run.post(aWebhook(run.endpoints.phoneNumberId, [message]))).status).toBe(200);
    }

    const rows = await until(accepted, (found) => found.length >= batch.length, 90_000);
    expect(rows.map((row) => body(row).channel.messageId)).toEqual(messages.map(({ id }) => id));
    const requests = await run.deskRequests();
    expect(requests.map(({ status }) => status)).toEqual(requests.map(() => 200));
  });
});

describe('a text too large for Genesys', () => {
  it('reaches the agent as a file that holds every word', async () => {
    const text = 'naïve ⛴️ "ferry"\n'.repeat(40_000);

    await run.send(text);

    const [row] = await until(accepted, (found) => found.length >= 1);
    const { text: shown, content } = body(row);
    expect(shown).toMatch(/^naïve ⛴️ "ferry"\n[\s\S]*…\n\[The message is too long to be shown here\./);
    expect(content?.[0]?.attachment).toMatchObject({ filename: 'message.txt' });
    expect(await (await fetch(String(content?.[0]?.attachment.url))).text()).toBe(text);
  });
});

describe('a reply', () => {
  it('quotes what it answers, and a reaction names what it is about', async () => {
    const from = aPhone();
    const [first, second] = [aMessage(from, 'Shall we?'), aMessage(from, 'Yes')];
    const reply = { ...second, context: { from, id: first.id } };
    const reaction = aMessage(from, '', {
      type: 'reaction',
      reaction: { message_id: first.id, emoji: '👍' },
    });
    const unknown = aMessage(from, 'Hm', { context: { from, id: 'wamid.none' } });

    await run.post(aWebhook(run.endpoints.phoneNumberId, [first, reply, reaction, unknown]));

    expect(await run.untilDelivered(4)).toEqual([
      'Shall we?',
      '[In reply to: “Shall we?”]\nYes',
      '[Earlier message: “Shall we?”]\n[Reaction: 👍]',
      '[In reply to an earlier message]\nHm',
    ]);
  });
});

describe('a tap', () => {
  const option = { type: 'QuickReply', text: 'Track order', payload: 'track_order' };
  const tapOn = (from: string, id: string) =>
    aMessage(from, '', {
      text: undefined,
      type: 'interactive',
      interactive: { type: 'button_reply', button_reply: { id: 'b1', title: 'Track' } },
      context: { from: '442071230000', id },
    });

  /** As the outbound way files what it sent. */
  async function fileSent(wamid: string, genesysId: string): Promise<void> {
    const { aws, tables, phoneNumberId } = run.endpoints;
    const credentials = { accessKeyId: 'runner.test', secretAccessKey: 'test' };
    const client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ endpoint: aws, region: 'eu-west-1', credentials }),
    );
    const Item = { pk: `WAMID#${phoneNumberId}#${wamid}`, genesysId, tapOptions: { b1: option } };
    await client.send(new PutCommand({ TableName: tables.find((name) => name.endsWith('ledger')), Item }));
    client.destroy();
  }

  it('on an option that Genesys sent comes back as a structured response', async () => {
    const from = aPhone();
    await run.tell('POST', `${run.endpoints.genesys}/_reply`, {
      to: from,
      text: 'Choose',
      id: 'genesys-sent-1',
    });
    await fileSent('wamid.sent.1', 'genesys-sent-1');
    await run.calm();
    const tap = tapOn(from, 'wamid.sent.1');

    await run.post(aWebhook(run.endpoints.phoneNumberId, [tap]));

    const [row] = await until(accepted, (found) => found.length >= 1);
    expect(row?.path).toMatch(/\/inbound\/open\/structured\/response$/);
    expect(body(row)).toMatchObject({
      channel: { messageId: tap.id },
      originatingMessageId: 'genesys-sent-1',
      buttonResponse: option,
    });
    expect(await run.untilStatus(tap.id, 'DELIVERED')).toMatchObject({ placeholder: false });
  });

  it('on an option that Genesys no longer knows arrives as text, once', async () => {
    const from = aPhone();
    await fileSent('wamid.sent.2', 'genesys-never-sent');
    const tap = tapOn(from, 'wamid.sent.2');

    await run.post(aWebhook(run.endpoints.phoneNumberId, [tap]));

    expect(await run.untilDelivered(1)).toEqual(['Track']);
    expect(await run.untilStatus(tap.id, 'DELIVERED')).toMatchObject({ attempts: 1, ambiguous: 0 });
  });

  it('on something nobody remembers arrives as text', async () => {
    const from = aPhone();

    await run.post(aWebhook(run.endpoints.phoneNumberId, [tapOn(from, 'wamid.sent.3')]));

    expect(await run.untilDelivered(1)).toEqual(['Track']);
  });
});
