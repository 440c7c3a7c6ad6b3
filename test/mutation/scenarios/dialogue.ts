// Agent → customer, and what the agent learns of it.
import { aMessage, aPhone } from '../../journeys/local-run.ts';
import { WayBack } from '../../journeys/way-back.ts';
import type { Scenario } from '../scenario.ts';
import { expectTexts, write } from './inbound.ts';

/** A customer writes, the agent answers twice; WhatsApp refuses one answer at first, and Genesys one receipt. */
export const dialogue: Scenario = {
  name: 'an agent answers twice; WhatsApp refuses once, and Genesys does not take a receipt at once',
  async play(run, noticed) {
    const way = new WayBack(run);
    const from = aPhone();
    await write(run, noticed, [aMessage(from, 'is anybody there?')]);
    await expectTexts(run, noticed, from, ['is anybody there?'], 10_000);
    await way.faultMeta({
      match: { method: 'POST', path: '/messages$', bodyContains: 'yes' },
      times: 1,
      action: {
        status: 400,
        body: { error: { message: '(#130429) Rate limit hit', type: 'OAuthException', code: 130429 } },
      },
    });
    await way.faultGenesys({
      match: { method: 'POST', path: '/inbound/open/receipt$' },
      times: 1,
      action: { status: 503, body: { status: 503, code: 'service.unavailable' } },
    });

    const replies = [await way.reply(from, 'yes'), await way.reply(from, 'how can we help?')];

    const areSent = await noticed.unless(
      'the customer had not got both replies',
      () => way.sentTexts(from),
      (texts) => texts.length >= 2,
      12_000,
    );
    if (areSent)
      noticed.unlessSame('the customer got', await way.sentTexts(from), ['yes', 'how can we help?']);
    await noticed.unless(
      'the agent had not learned that both arrived',
      async () =>
        (await way.receipts()).map(({ id, status }) => `${status} ${replies.indexOf(id) + 1}`).sort(),
      (found) => found.join() === 'Delivered 1,Delivered 2',
      10_000,
    );
  },
};
