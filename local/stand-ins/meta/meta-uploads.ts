// `POST /{phone-number-id}/media`: the multipart upload of a file to be sent.
import type { Answer, StandInRequest } from '../http-exchange.ts';
import type { KnownNumber } from '../stand-ins.ts';
import { describeInvalidParameter, failGraph, type GraphFailure } from './meta-errors.ts';
import type { MetaMedia } from './meta-media.ts';

const megabyte = 1024 * 1024;
const officeTypes = [
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'application/msword',
  'application/vnd.ms-excel',
  'application/vnd.ms-powerpoint',
];

/** What Meta takes for sending, and up to which size. */
const kinds: { types: string[]; largestBytes: number }[] = [
  { types: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'], largestBytes: 16 * megabyte },
  { types: ['image/jpeg', 'image/png'], largestBytes: 5 * megabyte },
  { types: ['video/mp4', 'video/3gpp'], largestBytes: 16 * megabyte },
  { types: ['image/webp'], largestBytes: 500 * 1024 },
  { types: ['text/plain', 'application/pdf', ...officeTypes], largestBytes: 100 * megabyte },
];

/** Answers the id of the stored file, or why Meta would refuse it. */
export async function acceptUpload(
  request: StandInRequest,
  number: KnownNumber,
  media: MetaMedia,
): Promise<Answer> {
  const form = await parseForm(request);
  if (!form) return failGraph(describeInvalidParameter('the body must be multipart/form-data'));
  if (form.get('messaging_product') !== 'whatsapp') {
    return failGraph(describeInvalidParameter('The parameter messaging_product is required.'));
  }
  const file = form.get('file');
  if (!(file instanceof File)) return failGraph(describeInvalidParameter('The parameter file is required.'));
  const type = form.get('type');
  if (typeof type !== 'string') return failGraph(describeInvalidParameter('The parameter type is required.'));
  const failure = findRefusal(type, file);
  if (failure) return failGraph(failure);
  const { id } = media.add({
    bytes: Buffer.from(await file.arrayBuffer()),
    mimeType: type,
    filename: file.name,
    phoneNumberId: number.phoneNumberId,
  });
  return { status: 200, body: { id } };
}

function findRefusal(type: string, file: File): GraphFailure | undefined {
  const kind = kinds.find(({ types }) => types.includes(bareType(type)));
  if (!kind) {
    const allowed = kinds.flatMap(({ types }) => types).join(', ');
    return describeInvalidParameter(
      `Param file must be a file with one of the following types: ${allowed}. Received file of type '${type}'.`,
    );
  }
  if (file.type && bareType(file.type) !== bareType(type)) {
    return describeUploadError(`The file is ${file.type}, the parameter type says ${type}.`);
  }
  if (file.size > kind.largestBytes) {
    return describeUploadError(`File size ${file.size} is above the ${kind.largestBytes} bytes of ${type}.`);
  }
  return undefined;
}

function describeUploadError(details: string): GraphFailure {
  return { status: 400, code: 131053, message: '(#131053) Media upload error', details };
}

function bareType(type: string): string {
  return (type.split(';')[0] ?? '').trim().toLowerCase();
}

async function parseForm(request: StandInRequest): Promise<FormData | undefined> {
  try {
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    return await new Response(new Uint8Array(request.bytes), { headers }).formData();
  } catch {
    return undefined;
  }
}
