// WhatsApp's customer service window by our own clock: for 24 hours after a customer's message anything may be sent,
// later only templates. Asking WhatsApp instead would cost a call and the quality rating of the number.

export const serviceWindowMs = 24 * 60 * 60 * 1000;

/** @param lastInboundAt WhatsApp's time of the customer's last message, epoch ms; 0 when there was none */
export function isWindowOpen(lastInboundAt: number, now: number): boolean {
  return now < lastInboundAt + serviceWindowMs;
}
