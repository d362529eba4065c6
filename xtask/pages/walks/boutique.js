// The boutique in Conakry: a phone of 360 px, a slow line that is cut, French, no e-mail.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, doors, visitor } from "../site.js";
import { addProduct, fillCheckout, picture, says, send, signUp, slowLine, toCheckout } from "./people.js";

const site = doors(process.argv[2]);
let chromium;
/** What follows a step that failed would only fail again: the first one ends the day, under its name. */
const step = async (name, does) => {
  try {
    await does();
  } catch (error) {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  }
};
before(async () => (chromium = await browser()));
after(() => chromium.close());

test("the boutique's day, from sign-up to the evening's figures", async () => {
  const owner = await visitor(chromium, site.base, { locale: "fr-GN" });
  const customer = await visitor(chromium, site.base, { locale: "fr-GN" });
  await slowLine(owner.page);
  let shop;
  let order;

  await step("she signs up with her number", async () => {
    shop = await signUp(owner.page, "Chez Mariama", "+224 620 11 22 33", "GN");
    assert.match(shop, /^\/t\/chez-mariama/);
  });

  await step("she adds a product with a photo from the phone", async () => {
    await addProduct(owner.page, shop, { title: "Pagne indigo", price: "120000", stock: "5", picture: picture() });
    await owner.page.goto(`${shop}/admin/products`);
    await says(owner.page, "Pagne indigo");
  });

  await step("she says where customers send the money", async () => {
    await owner.page.goto(`${shop}/admin/payment-methods`);
    const form = owner.page.locator('form[action$="/payment-methods/manual"]');
    await form.locator("[name=enabled]").check();
    await form.locator("[name=instructions]").fill("Orange Money : 620 11 22 33 (Mariama Sylla)");
    await send(owner.page, form.locator("button"));
  });

  await step("a customer orders while the line is cut: one order, and nothing typed twice", async () => {
    const { page, context } = customer;
    await slowLine(page);
    await toCheckout(page, shop, "Pagne indigo");
    await page.goto(`${shop}/cart`);
    await context.setOffline(true);
    const message = decodeURIComponent(await page.locator("#by-sms a:visible").getAttribute("href"));
    assert.match(message, /^sms:\+224620\d+\?body=Commande : 1 x Pagne indigo/);
    await context.setOffline(false);
    await page.goto(`${shop}/checkout`);
    await fillCheckout(page, { name: "Aïssatou Barry", phone: "621 00 00 01", method: "manual" });
    await context.setOffline(true);
    const order_button = page.locator('form[method=post] button:not([name])').last();
    await order_button.click().catch(() => null);
    await page.waitForTimeout(500);
    await context.setOffline(false);
    if (!page.url().includes("/checkout")) await page.goBack();
    if ((await page.locator("[name=name]").count()) === 0) await page.goBack();
    assert.equal(await page.inputValue("[name=name]"), "Aïssatou Barry");
    await send(page, page.locator('form[method=post] button:not([name])').last());
    await page.waitForURL(/\/orders\//);
    order = page.url();
    await says(page, "Orange Money : 620 11 22 33");
    await owner.page.goto(`${shop}/admin/orders`);
    assert.equal(await owner.page.locator("main table tbody tr").count(), 1);
  });

  await step("the customer types the reference, she confirms", async () => {
    await customer.page.fill("[name=reference]", "PP261121.1432.A12345");
    await send(customer.page, customer.page.locator("form[action$='/reference'] button"));
    await owner.page.goto(`${shop}/admin/payments`);
    await says(owner.page, "PP261121.1432.A12345");
    await send(owner.page, owner.page.locator("button[name=action][value=confirm]").first());
    await customer.page.goto(order);
    await says(customer.page, /payée/i);
  });

  await step("she makes an order for a customer on WhatsApp and sends the pay link", async () => {
    const { page } = owner;
    await page.goto(`${shop}/admin/orders/new?q=pagne`);
    await send(page, page.locator("form:has(input[name=action][value=add]) button").first());
    await page.fill("[name=name]", "Fatou Camara");
    await page.fill("[name=phone]", "622 00 00 02");
    await send(page, page.locator("form:has(input[name=action][value=place]) button:not([name])").last());
    await says(page, "Fatou Camara");
    assert.ok(await page.locator('a[href*="wa.me"]').count());
  });

  await step("in the evening she sees what she sold and what is owed to her", async () => {
    await owner.page.goto(`${shop}/admin`);
    await says(owner.page, /120[\s\u202f\u00a0]000/);
  });

  assert.deepEqual([...owner.complaints, ...customer.complaints].filter((words) => !/ERR_INTERNET_DISCONNECTED/.test(words)), []);
});
