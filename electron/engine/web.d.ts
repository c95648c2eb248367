/// <reference path="../core/web.d.ts" />
