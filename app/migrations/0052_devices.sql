-- What a customer first came with, by its class: no more is kept of the browser than reports group by.
ALTER TABLE customer ADD COLUMN device text CHECK (device IN ('ANDROID', 'IPHONE', 'TABLET', 'DESKTOP', 'OTHER'));
