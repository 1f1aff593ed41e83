-- fill in texts that show nothing
-- depends: 0026_refuse_texts_that_show_nothing

-- Written before 0026 refused them: whoever changes such a row otherwise, as a sign-in does, would be refused as well.
update app.users u set name = '—' where app.content_length(u.name) = 0;
update app.doctors d set display_name = '—' where app.content_length(d.display_name) = 0;
update app.closures c set reason = '—' where app.content_length(c.reason) = 0;
update app.pets p
set name = coalesce(app.said(p.name), '—'), breed = app.said(p.breed)
where app.content_length(p.name) = 0 or app.content_length(p.breed) = 0;

alter table app.users validate constraint users_name_check;
alter table app.doctors validate constraint doctors_display_name_check;
alter table app.closures validate constraint closures_reason_check;
alter table app.pets validate constraint pets_name_check;
alter table app.pets validate constraint pets_breed_check;
