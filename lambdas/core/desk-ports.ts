// What the desk's door needs of the world.

/** @throws BridgeError `signature-invalid`, also for an integration that is not ours; `secret-unavailable` when nothing could be checked. */
export interface IntegrationVerifier {
  /** Checks the signature over the exact bytes with the secret of the integration; answers whose number it is and a hash of the bytes. */
  verify(
    integrationId: string,
    bytes: Uint8Array,
    signature: string | undefined,
  ): Promise<{ numberId: string; webhookHash: string }>;
}
