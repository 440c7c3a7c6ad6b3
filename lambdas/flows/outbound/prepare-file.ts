// How a file of an agent gets to WhatsApp: 1. fetch it, in bounded tries; 2. decide by its bytes as what it goes; 3. keep
// a copy of our own and upload it, side by side; 4. what WhatsApp does not take goes as a link to our copy. The address
// at Genesys is never passed on: it dies soon, and it is not the customer's business.
import { signatureBytes } from '../../core/convert/media-signature.ts';
import { chooseMedia, type MediaChoice } from '../../core/convert/whatsapp/media-choice.ts';
import { toMediaSend } from '../../core/convert/whatsapp/media-send.ts';
import type { BridgeError } from '../../core/errors.ts';
import type { MediaLinks, MediaStore } from '../../core/media-ports.ts';
import type { MetaSend, OutboundAttachment } from '../../core/model/customer-message.ts';
import type { CustomerMessenger, GenesysReason } from '../../core/outbound-ports.ts';
import type { Telemetry } from '../../core/ports.ts';
import { type FetchFilePorts, fetchFile } from './fetch-file.ts';
import { createTurns } from './turns.ts';

export interface FileRequest {
  numberId: string;
  genesysId: string;
  /** Of the message; tells its files apart. */
  part: number;
  /** Epoch ms. */
  receivedAt: number;
  attachment: OutboundAttachment;
  /** Epoch ms. */
  deadlineAt: number;
}

export type PreparedFile =
  | { state: 'ready'; send: MetaSend }
  /** It can never be sent. */
  | { state: 'refused'; reason: GenesysReason; detail: string }
  /** It may be worth another try. `by`: whose trouble it is. */
  | { state: 'trouble'; by: 'whatsapp' | 'source'; failure: BridgeError };

/** Files of agents on their way to customers. */
export interface OutboundFiles {
  /** @throws BridgeError `secret-unavailable`, and `store-unavailable` when a link is needed and our copy could not be kept */
  prepare(request: FileRequest): Promise<PreparedFile>;
}

export interface PrepareFilePorts extends FetchFilePorts {
  tenant: string;
  messenger: Pick<CustomerMessenger, 'upload'>;
  store: Pick<MediaStore, 'save'>;
  links: Pick<MediaLinks, 'mint'>;
  /** Plain hash, hex. */
  hash: (text: string) => string;
  telemetry: Telemetry;
}

type Taken = Extract<MediaChoice, { taken: true }>;

/** Each is in memory up to three times while it is uploaded. */
const filesAtOnce = 3;

export function createOutboundFiles(ports: PrepareFilePorts): OutboundFiles {
  const takeTurn = createTurns(filesAtOnce);
  return { prepare: (request) => takeTurn(() => prepareFile(request, ports)) };
}

async function prepareFile(request: FileRequest, ports: PrepareFilePorts): Promise<PreparedFile> {
  const { attachment, genesysId, part } = request;
  const fetched = await fetchFile(request, ports);
  if (!fetched.whole) return describeUnfetched(fetched.failure);
  const { bytes } = fetched;
  const { mime, filename, caption, voice, sticker } = attachment;
  const shortId = ports.hash(`${genesysId}.${part}`).slice(0, 12);
  const choice = chooseMedia(
    {
      mime,
      head: bytes.subarray(0, signatureBytes),
      bytes: bytes.length,
      captioned: caption !== undefined,
      ...(filename === undefined ? {} : { filename }),
      ...(voice === undefined ? {} : { voice }),
      ...(sticker === undefined ? {} : { sticker }),
    },
    shortId,
  );
  if (choice.taken) return sendFile(request, bytes, choice, ports);
  // Empty, or an error page: what is too large for WhatsApp was too large to be fetched.
  return { state: 'refused', reason: choice.reason, detail: 'file-refused' };
}

function describeUnfetched(failure: BridgeError): PreparedFile {
  if (failure.kind !== 'provider-rejected') return { state: 'trouble', by: 'source', failure };
  const detail = failure.details.code ?? 'file-refused';
  const reason = detail === 'too-large' ? 'InvalidMediaContentLength' : 'GeneralError';
  return { state: 'refused', reason, detail };
}

async function sendFile(
  request: FileRequest,
  bytes: Uint8Array<ArrayBuffer>,
  choice: Taken,
  ports: PrepareFilePorts,
): Promise<PreparedFile> {
  const { numberId, attachment, deadlineAt } = request;
  const { mime, filename } = choice;
  const [copy, uploaded] = await Promise.allSettled([
    keepCopy(request, bytes, choice, ports),
    ports.messenger.upload(numberId, { mime, filename, bytes }, deadlineAt),
  ]);
  if (uploaded.status === 'rejected') throw uploaded.reason;
  const { value } = uploaded;
  if ('mediaId' in value) {
    // The copy is for operators; a customer does not wait for it.
    if (copy.status === 'rejected') ports.telemetry.problem('file.not-kept', copy.reason, idsOf(request));
    return { state: 'ready', send: toMediaSend(choice, value.mediaId, attachment.caption, filename) };
  }
  const { failure } = value;
  if (failure.kind !== 'provider-rejected') return { state: 'trouble', by: 'whatsapp', failure };
  ports.telemetry.count('FilesSentAsLinks');
  ports.telemetry.problem('file.refused', failure, idsOf(request));
  if (copy.status === 'rejected') throw copy.reason;
  return sendLink(request, copy.value, filename, ports);
}

/** Answers the key of our copy. */
async function keepCopy(
  { genesysId, part, receivedAt, deadlineAt }: FileRequest,
  bytes: Uint8Array,
  { mime, filename }: { mime: string; filename: string },
  { tenant, store, hash }: PrepareFilePorts,
): Promise<string> {
  const day = new Date(receivedAt).toISOString().slice(0, 10);
  const [extension = ''] = /\.[a-z0-9]{1,8}$/i.exec(filename) ?? [];
  const name = hash(`${genesysId}.${part}`).slice(0, 32);
  const key = `media/${tenant}/outbound/${day}/${name}${extension.toLowerCase()}`;
  const labels = { tenant, kind: 'outbound', message: hash(genesysId) };
  await store.save(
    { key, mime, filename, labels },
    { chunks: once(bytes), bytes: bytes.length, deadlineAt },
    () => undefined,
  );
  return key;
}

async function sendLink(
  { numberId, attachment }: FileRequest,
  key: string,
  filename: string,
  { links }: PrepareFilePorts,
): Promise<PreparedFile> {
  const url = await links.mint(numberId, key);
  const body = [attachment.caption, `${filename}\n${url}`].filter(Boolean).join('\n');
  return { state: 'ready', send: { type: 'text', text: { body } } };
}

function idsOf({ genesysId, part }: FileRequest) {
  return { genesysId, part };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
