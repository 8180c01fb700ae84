import { implement } from '@orpc/server';
import { contract } from '../contract/contract.ts';
import { streamState } from '../infra/state-stream.ts';
import { marginsOf, monthOf } from '../margins/margin-figures.ts';

/** Margins of a pretend agency that has no contracts; it answers nothing else. */
export function createFakeMargins(closed: AbortSignal) {
  const os = implement(contract.margins);
  const once = <State>(state: State) => {
    let told = false;
    return streamState<State>(
      {
        start: () => () => undefined,
        take() {
          if (told) return undefined;
          told = true;
          return state;
        },
        ended: () => false,
      },
      closed,
    );
  };
  return {
    watch: os.watch.handler(({ input }) => {
      const asOf = new Date();
      return once({
        ...marginsOf({ running: [], months: [], asOf }, input.month === 'running' ? monthOf(asOf) : input.month),
        trouble: null,
      });
    }),
    watchColumn: os.watchColumn.handler(() => once({ margins: [], asOf: new Date() })),
    outlook: os.outlook.handler(() => ({ outlook: null })),
    drivers: os.drivers.handler(({ errors }) => {
      throw errors.NOT_FOUND({ message: 'A pretend client has no margin.' });
    }),
    contracts: os.contracts.handler(() => ({ contracts: [] })),
    rates: os.rates.handler(() => ({ rates: [], today: new Date().toISOString().slice(0, 10) })),
    setContract: os.setContract.handler(({ errors }) => {
      throw errors.FORBIDDEN({ message: 'A pretend client has no contract.' });
    }),
    setRate: os.setRate.handler(({ errors }) => {
      throw errors.FORBIDDEN({ message: 'A pretend platform has no rates.' });
    }),
  };
}
