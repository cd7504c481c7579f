/** Requests of a test file answered by nock, and none let through to the network; afterwards nothing of it is left. */
import nock from 'nock';
import { afterAll, afterEach, beforeAll } from 'vitest';

export function useNock(): void {
  beforeAll(() => {
    if (!nock.isActive()) nock.activate();
    nock.disableNetConnect();
  });
  afterEach(() => {
    nock.abortPendingRequests();
    nock.cleanAll();
  });
  afterAll(() => {
    nock.enableNetConnect();
    nock.restore();
  });
}
