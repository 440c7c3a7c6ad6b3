import { fillPhrase, type Phrases } from '../phrases.ts';
import type { Converter } from './conversion.ts';
import { joinParts, readNumber, readObjects, readText } from './conversion.ts';

/** The customer's words, a line for each product, and the sum when all prices are in one currency. */
export const convertOrder: Converter = (content, { phrases }) => {
  const items = readObjects(content, 'product_items');
  const lines = items.map((item) => toLine(item, phrases));
  const total = sumUp(items);
  const sum = total === undefined ? undefined : fillPhrase(phrases.orderTotal, { total });
  const text = readText(content, 'text');
  return {
    text: joinParts([phrases.order, text, ...lines, sum], '\n'),
    placeholder: text === undefined && lines.length === 0,
  };
};

function toLine(item: Record<string, unknown>, phrases: Phrases): string {
  const price = joinParts([readText(item, 'item_price'), readText(item, 'currency')], ' ');
  return fillPhrase(phrases.orderItem, {
    quantity: readText(item, 'quantity') ?? '?',
    product: readText(item, 'product_retailer_id') ?? '?',
    price: price || '?',
  });
}

function sumUp(items: readonly Record<string, unknown>[]): string | undefined {
  const currency = readText(items[0], 'currency');
  if (currency === undefined) return undefined;
  let sum = 0;
  for (const item of items) {
    const [price, quantity] = [readNumber(item, 'item_price'), readNumber(item, 'quantity')];
    if (price === undefined || quantity === undefined || readText(item, 'currency') !== currency)
      return undefined;
    sum += price * quantity;
  }
  return `${sum.toFixed(2)} ${currency}`;
}
