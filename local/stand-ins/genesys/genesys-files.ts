// Files that agents attach, as Genesys keeps them: `POST /_files` puts one there, its address goes into a reply.
import { randomUUID } from 'node:crypto';
import { BoundedMap } from '../bounded-map.ts';
import { type Answer, RefusedError, readQuery, type StandInRequest } from '../http-exchange.ts';

/** Where stored files are read; host and path are those of Genesys' own addresses, `api-downloads.{domain}`. */
export const downloadsPath = '/api/v2/downloads/';

interface StoredFile {
  bytes: Buffer;
  mime: string;
  /** Readable without a token. */
  isOpen: boolean;
}

/** A file may be 25 MB; a few of them are enough for a run. */
const mostFiles = 100;

export class GenesysFiles {
  readonly #files = new BoundedMap<StoredFile>(mostFiles);
  readonly #baseUrl: () => string;

  constructor(baseUrl: () => string) {
    this.#baseUrl = baseUrl;
  }

  /** Handles `POST /_files?open=true`: raw bytes, with their content type. @throws RefusedError 400 */
  store(request: StandInRequest): Answer {
    if (request.bytes.length === 0)
      throw new RefusedError(400, '_files: the body must be the bytes of the file');
    const id = randomUUID();
    const mime = request.headers['content-type'] ?? 'application/octet-stream';
    const isOpen = readQuery(request, 'open') === 'true';
    this.#files.set(id, { bytes: request.bytes, mime, isOpen });
    return { status: 200, body: { id, url: `${this.#baseUrl()}${downloadsPath}${id}` } };
  }

  isOpen(path: string): boolean {
    return this.#find(path)?.isOpen ?? false;
  }

  /** The file at this path, to whoever may read it. */
  read(path: string): Answer | undefined {
    const file = this.#find(path);
    return file && { status: 200, headers: { 'content-type': file.mime }, body: file.bytes };
  }

  #find(path: string): StoredFile | undefined {
    return this.#files.get(path.slice(downloadsPath.length));
  }
}
