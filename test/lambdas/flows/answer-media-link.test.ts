import { answerMediaLink } from '../../../lambdas/flows/answer-media-link.ts';

const ports = {
  links: { read: async (token: string) => (token === 'good' ? 'media/a.pdf' : undefined) },
  store: { mintUrl: async (key: string) => `https://store.example/${key}` },
};

it('a link of ours leads to a fresh address that nobody keeps', async () => {
  expect(await answerMediaLink('good', ports)).toEqual({
    status: 302,
    headers: {
      location: 'https://store.example/media/a.pdf',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    },
  });
});

it('everything else is not found', async () => {
  const { status, headers } = await answerMediaLink('bad', ports);

  expect(status).toBe(404);
  expect(headers).not.toHaveProperty('location');
});
