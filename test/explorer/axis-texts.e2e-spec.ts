import { expectAxesInFull } from '../support/axis-texts.js';
import { browserUnderTest, describeInBrowser, openSignedIn } from '../support/browser.js';
import { ADMIN_TOKEN } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

describeInBrowser('the axes of a chart', () => {
  const server = serviceUnderTest();
  const browser = browserUnderTest();

  test.each(['en-GB', 'hu-HU', 'ar-EG'])('have no text that is cut at any width: dates of %s', async (locale) => {
    const page = await openSignedIn(browser, `${server.url}/explorer/#/`, ADMIN_TOKEN, { locale });
    await expectAxesInFull(server, page, { days: [1, 5, 30], widths: [390, 1440, 3840] });
  });
});
