// What media needs of the world: WhatsApp, which keeps it for a while, and our own store and links.

/** Where WhatsApp keeps a media object, and what it says of it. */
export interface FoundMedia {
  /** Good for five minutes. */
  url: string;
  mime?: string;
  bytes?: number;
  /** Hex, as look-ups carry it. */
  sha256?: string;
}

/** A body that is on its way; must be read to its end or closed. */
export interface OpenedMedia {
  /** Ends with BridgeError when the body does not come whole and in time. */
  chunks: AsyncIterable<Uint8Array>;
  /** As announced; a body of another length ends with an error. */
  bytes?: number;
  mime?: string;
  close(): void;
}

/**
 * Media as WhatsApp keeps it, read with the number's own token. Both end before `deadlineAt` (epoch ms).
 * @throws BridgeError whose `details.code` is the reason; `provider-unavailable` is worth another try
 */
export interface MediaSource {
  lookUp(numberId: string, mediaId: string, deadlineAt: number): Promise<FoundMedia>;
  open(numberId: string, url: string, deadlineAt: number): Promise<OpenedMedia>;
}

export interface MediaObject {
  key: string;
  mime: string;
  /** Offered to whoever downloads the object. */
  filename: string;
  /** Kept with the object; ids and codes only. */
  labels: Record<string, string>;
}

/** What was received: size and hex sha256. */
export interface MediaDigest {
  bytes: number;
  sha256: string;
}

/** Our own store of media. */
export interface MediaStore {
  /**
   * Stores all or nothing, in bounded memory. `seal` is asked before the last bytes are handed over; when it throws,
   * nothing is stored. `bytes` is the announced size. Errors of `chunks` and `seal` come out as they are.
   * @throws BridgeError `store-unavailable`
   */
  save(
    object: MediaObject,
    content: { chunks: AsyncIterable<Uint8Array>; bytes?: number; deadlineAt: number },
    seal: (received: MediaDigest) => void,
  ): Promise<MediaDigest>;
  /** What is stored under the key, if anything. @throws BridgeError `store-unavailable` */
  find(key: string): Promise<{ bytes: number } | undefined>;
  /** Address that anybody can read for an hour. @throws BridgeError `store-unavailable` */
  mintUrl(key: string): Promise<string>;
}

/** Links for people: they last longer than any address of the store. @throws BridgeError `secret-unavailable` */
export interface MediaLinks {
  /** A link to the stored object that works for seven days. */
  mint(numberId: string, key: string): Promise<string>;
  /** The key that a link's token stands for; undefined when it is not ours or has expired. */
  read(token: string): Promise<string | undefined>;
}
