// What a person sees when the run is ready: where things are, and two lines to try it with.
import type { Urls } from './endpoints.ts';

/** Holds no secrets. */
export function renderFirstScreen(urls: Urls, dir: string): string {
  const message = JSON.stringify({ message: { type: 'text', text: { body: 'Hello from WhatsApp 👋' } } });
  return `
Ready. The bridge runs on this computer; WhatsApp and Genesys are stand-ins.

  bridge    ${urls.bridge}
  meta      ${urls.meta}
  genesys   ${urls.genesys}
  control   ${urls.control}
  aws       ${urls.aws}
  (also in ${dir}/endpoints.json)

Send a message as a customer:
  curl -s ${urls.meta}/_send -H 'content-type: application/json' -d '${message}'

See what Genesys got:
  curl -s ${urls.genesys}/_requests

Stop with Ctrl-C.
`;
}
