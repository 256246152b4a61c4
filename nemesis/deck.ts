import type { Chance } from './fault.ts';
import { shuffled } from './random.ts';

/**
 * Deals one of these cards; every card comes once before any comes again. Independent draws leave many a run without the
 * one kind of harm that matters to it (the kill of all nodes, the leader cut off): a deck does not.
 */
export type Deal = <Card extends string>(cards: readonly Card[]) => Card;

/** One deck for each set of cards asked for. */
export function dealer(random: Chance): Deal {
  const decks = new Map<string, string[]>();
  return (cards) => {
    const name = cards.join();
    const deck = decks.get(name) ?? [];
    if (deck.length === 0) deck.push(...shuffled(random, cards));
    decks.set(name, deck);
    return deck.pop() as (typeof cards)[number];
  };
}
