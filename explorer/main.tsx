import './style/tokens.css';
import './style/base.css';
import { render } from 'preact';
import { followDatabase } from './api/database-outage.js';
import { App } from './layout/app.js';
import { followPushes } from './live/pushes.js';
import { followAddress } from './router/location.js';
import { startSession } from './session/session.js';
import { applyTheme } from './style/theme.js';

applyTheme();
followAddress();
followPushes();
followDatabase();
void startSession();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
