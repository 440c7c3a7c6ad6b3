// What a person sees when the run is ready: where things are, and a line for each step of a first dialogue.
import type { Urls } from './endpoints.ts';
import { demoPerson } from './stand-ins/meta/meta-webhooks.ts';

/** Holds no secrets. */
export function renderFirstScreen(urls: Urls, dir: string): string {
  const message = JSON.stringify({ message: { type: 'text', text: { body: 'Hello from WhatsApp 👋' } } });
  const reply = JSON.stringify({ to: demoPerson.phone, text: 'Hello from the desk' });
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

Answer as the agent:
  curl -s ${urls.genesys}/_reply -H 'content-type: application/json' -d '${reply}'

See what WhatsApp was asked to send:
  curl -s ${urls.meta}/_requests

Stop with Ctrl-C.
`;
}
