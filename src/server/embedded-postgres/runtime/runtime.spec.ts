import * as binaries from './binaries.js';
import { findRuntime } from './runtime.js';

jest.mock('./binaries.js');

const search = {
  account: undefined,
  dataDir: '/',
  libraryFolder: '/missing',
  clusterMajor: undefined,
  log: () => undefined,
};
const found = (postgres: string) => ({ initdb: postgres, postgres, libraryFolders: [] });

describe('findRuntime', () => {
  it('says what to do if there is no Postgres', async () => {
    jest.mocked(binaries.findPackagedBinaries).mockResolvedValue(undefined);
    jest.mocked(binaries.findInstalledBinaries).mockReturnValue([]);
    await expect(findRuntime(search)).rejects.toMatchObject({
      code: 'NO_POSTGRES_FOUND',
      message: expect.stringMatching(/Set DATABASE_URL .* run "npm install" without --omit=optional/),
    });
  });

  it('reports for each Postgres why it does not run', async () => {
    jest.mocked(binaries.findPackagedBinaries).mockResolvedValue(found('/missing/packaged/postgres'));
    jest.mocked(binaries.findInstalledBinaries).mockReturnValue([found('/missing/installed/postgres')]);
    await expect(findRuntime(search)).rejects.toThrow(/packaged\/postgres[^]*installed\/postgres/);
  });
});
