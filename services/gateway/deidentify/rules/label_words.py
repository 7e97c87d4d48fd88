"""The labels of codes, by type: in lower case, and with blanks where a text may have a blank, dash, dot, slash or nothing.

STRONG ones say it alone ("NPI 1234567893"), WEAK ones with a word or sign after them ("account no. 4471", "case: 22-18"),
PLAIN ones before a token with two digits at least ("policy W2281"), because it may be a measurement that follows them, and
BRANDED ones with the name of a maker or insurer after them ("Device: Medtronic NPV-610").
"""

from collections.abc import Mapping


def _labels(listed: str) -> tuple[str, ...]:
    return tuple(label.strip() for label in listed.replace("\n", " ").split(","))


STRONG: Mapping[str, tuple[str, ...]] = {
    "MEDICAL_RECORD_NUMBER": _labels(
        """
        wristband, wristband id, id band, band id, emr #, emr no, emr number, ehr id, ehr #, mrun, cpi, cpi #,
        va file number, hosp #, hosp id, hosp no, m r #, m r no, m r number, nhs no,
        nhs number, unit no, ur no, ur number, urn, chart #, chart id, chart no, chart number, empi, health
        record number, hospital id, hospital no, hospital number, hrn, m r n, med rec, medical record, medical
        records number, medrec, mpi, mr #, mr id, mr no, mr num, mr number, mrn, mrns, pat id, patient id,
        patient identifier, patient no, patient number, pt id, pt no, umrn, unit record
        """
    ),
    "HEALTH_PLAN_NUMBER": _labels(
        """
        payer id, payor id, medi cal #, medi cal id, medi cal no, medicaid cin, sponsor id, beneficiary id,
        beneficiary no, beneficiary number, card holder id, cardholder id, certificate of coverage, champus id,
        dbn, dod benefits number, enrollee id, enrollee number, group #, group id, group no, group number, grp,
        grp #, grp no, health plan beneficiary, health plan id, health plan number, hic, hicn, ins #, ins id,
        ins no, insurance id, insurance member, insurance no, insurance number, insurance policy, mbi, mbis, mbr
        id, medicaid #, medicaid id, medicaid no, medicaid number, medicare #, medicare beneficiary id, medicare
        beneficiary identifier, medicare beneficiary number, medicare id, medicare no, medicare number, medigap
        policy, mem id, member #, member id, member no, member number, memberid, plan id, plan no, plan number,
        policy #, policy holder id, policy id, policy no, policy number, rx group, rx grp, rxgrp, subscr id, sub id,
        subscriber #, subscriber id, subscriber no, subscriber number, tricare id
        """
    ),
    "ACCOUNT_NUMBER": _labels(
        """
        a c no, aba, account ending, account ending in, acct ending, acct ending in, account #, account id,
        account no, account num, account number, acct, accts, amex, bank account, billing id, billing number,
        card ending, card ending in, card no, card number, checking account, credit card, debit card, financial
        account, guarantor account, guarantor id, guarantor number, hospital account, hsa account, iban, invoice
        #, invoice id, invoice no, invoice number, mastercard, patient account, pt account, routing, routing #,
        routing no, routing number, rtn, savings account, statement number, visa card, visa ending, visa ending
        in
        """
    ),
    "LICENSE_NUMBER": _labels(
        """
        alien number, alien registration, birth cert, birth certificate, board certification, caqh, cdl, cert #,
        cert no, cert number, certificate #, certificate no, certificate number, certification #, certification
        no, certification number, clia, controlled substance registration, csr number, dea, dea reg, dea
        registration, dea license, death cert, death certificate, dln, driver lic, driver licence, driver
        license, driver s lic, driver s licence, driver s license, drivers lic, drivers license, driving
        licence, driving license, green card, lic, lic #, lic no, lic number, licence #, licence no, licence
        number, license #, license id, license no, license number, marriage certificate, medical licence,
        medical license, national provider identifier, npi, npis, nursing license, passport, passport #,
        passport no, passport number, pharmacist license, pharmacy license, professional license, reg no,
        registration no, registration number, rn license, state id, state id card, state license, upin, visa
        number
        """
    ),
    "VEHICLE_ID": _labels(
        """
        handicap placard, parking permit, placard, placard #, placard no, lic plate, licence plate, license
        plate, license plates, number plate, plate, plate #, plate no, plate number, plates, registration plate,
        tag #, tag no, tag number, vehicle id, vehicle identification, vehicle identification number, vehicle
        identifier, vehicle registration, vehicle tag, vin, vins
        """
    ),
    "DEVICE_ID": _labels(
        """
        asset id, asset number, asset tag, device #, device id, device identifier, device no, device number,
        device serial, device sn, generator serial, gudid, imei, implant id, implant number, implant serial,
        lead serial, meid, monitor id, pacemaker id, pacemaker serial, pump id, pump serial, pump sn, receiver
        id, s n, sensor id, ser #, ser no, serial, serial #, serial no, serial num, serial number, serial
        numbers, serials, sn, transmitter id, transmitter sn, udi, udid, unique device identifier
        """
    ),
    "BIOMETRIC_ID": _labels(
        """
        finger scan, finger scan id, palm vein scan, finger vein id, ear print, ear print id, retinal image id,
        biometric, biometric hash, biometric id, biometric identifier, biometric template, biometric template
        id, biometric token, biometrics id, dna profile, dna profile id, face id, face print, face template,
        faceprint, facial geometry, facial id, facial recognition id, facial recognition template, facial scan,
        facial scan id, facial template, finger print, finger template, fingerprint, fingerprint hash,
        fingerprint id, fingerprint record, fingerprint reference, fingerprint scan, fingerprint scan id,
        fingerprint template, fingerprint template id, fingerprints, fingerprint card, finger print card, footprint,
        footprints, footprint card, footprints card, thumbprint card, print card, gait id, gait signature, hand geometry,
        iris code, iris hash, iris id, iris scan, iris scan id, iris template, palm print, palm scan, palm vein,
        palm vein id, palm vein template, palmprint, retina id, retina scan, retina scan id, retinal id, retinal
        scan, retinal scan id, retinal template, template #, template id, template no, template number,
        thumbprint, thumbprint id, vein pattern, voice id, voice print, voice print id, voice signature, voice
        template, voiceprint, voiceprint id
        """
    ),
    "ID": _labels(
        """
        prbc unit, blood unit, donor unit, acc #, acc no, acc num, acc number, accession, accession number,
        accn, appointment id, appointment number, appt id, auth #, auth code, auth no, auth number,
        authorization #, authorization code, authorization id, authorization no, authorization number, badge,
        badge id, badge number, band number, bar code, barcode, bed board id, booking number, caller id, case #,
        case id, case mgmt id, case no, case number, claim #, claim id, claim no, claim number, confirmation #,
        confirmation code, confirmation no, confirmation number, contract number, csn, doc id, docket, docket
        no, docket number, document id, document number, dod id, donor id, donor number, edipi, ein, emp id,
        employee #, employee id, employee no, employee number, encounter #, encounter id, encounter no,
        encounter number, enrollment id, enrollment number, external id, file #, file no, file number, guarantor
        #, guid, id #, id no, id number, identification number, image id, incident #, incident no, incident
        number, inmate, inmate #, inmate id, inmate number, internal id, interpreter id, kit #, kit id, kit
        number, loan id, locator, message id, military id, order #, order id, order no, order number,
        participant id, participant no, participant number, police report, pre auth, prescription #,
        prescription no, prescription number, prior auth, prior authorization, pt identifier, randomization no,
        randomization number, recipient id, record locator, ref #, ref no, ref number, reference #, reference
        id, reference no, reference number, referral #, referral id, referral no, referral number, registry id,
        registry number, report #, report no, report number, req #, req no, req number, request #, request id,
        request number, requisition, rx #, rx no, rx number, sa id, sample #, sample id, sample no, sample
        number, screening number, series uid, service number, session id, specimen #, specimen id, specimen no,
        specimen number, staff id, student id, study id, study no, study number, study subject, study uid,
        subject #, subject id, subject no, subject number, tattoo id, tax id, ticket #, ticket no, ticket
        number, tin, tracking #, tracking no, tracking number, transaction id, transaction number, uid, unique
        id, unique identifier, unit #, unit number, unos, unos id, user id number, uuid, visit #, visit id,
        visit no, visit number, voucher, wristband, wristband id
        """
    ),
}

WEAK: Mapping[str, tuple[str, ...]] = {
    "MEDICAL_RECORD_NUMBER": _labels("chart, mr, patient, pid, record"),
    "HEALTH_PLAN_NUMBER": _labels(
        """
        beneficiary, cin, enrollee, medi cal, group, ins, insurance, mco, medicaid, medicare, member, policy,
        subscriber, tricare
        """
    ),
    "ACCOUNT_NUMBER": _labels(
        """
        a c, account, accounts, ach, bank, bill, billing, card, checking, fin, guarantor, har, invoice,
        statement, swift, visa
        """
    ),
    "LICENSE_NUMBER": _labels(
        """
        cert, certificate, certification, credential, dl, lic, licence, license, licenses, registered nurse,
        registration
        """
    ),
    "VEHICLE_ID": _labels("car, registration plate, tag, tags, vehicle"),
    "DEVICE_ID": _labels(
        """
        device, generator, icd serial, implant, lead, lot, pacemaker, pump, stimulator, transmitter
        """
    ),
    "BIOMETRIC_ID": _labels("facial, gait, iris, palm, retina, retinal, template, voice"),
    "ID": _labels(
        """
        appointment, auth, authorization, block, case, chip, claim, confirmation, donor, employee, encounter,
        enrollment, file, i d, id, identifier, ids, incident, interpreter, kit, locker, microchip, order,
        participant, pin, prescription, protocol id, recipient, referral, report, req, sample, session, slide,
        specimen, staff, student, study, subject, ticket, tracking, transaction, visit
        """
    ),
}

PLAIN: Mapping[str, tuple[str, ...]] = {
    "MEDICAL_RECORD_NUMBER": _labels("chart, mr"),
    "HEALTH_PLAN_NUMBER": _labels(
        """
        supp plan, supplemental plan, supplement plan, dental plan, health plan, medicare plan, part d plan,
        vision plan, secondary ins, primary ins, ppo, hmo, group, grp, aetna, anthem, bcbs, blue cross, blue
        shield, centene, cigna, humana, insurance, kaiser, medicaid, medicare, medigap, member, molina, policy,
        subscriber, tricare, uhc, united healthcare, unitedhealthcare, wellcare
        """
    ),
    "ACCOUNT_NUMBER": _labels("account, bill, card, guarantor, invoice"),
    "LICENSE_NUMBER": _labels("certificate, dl, licence, license, lpn, np, pa c, rn"),
    "VEHICLE_ID": _labels("tag"),
    "DEVICE_ID": _labels("device, lot, receiver, transmitter"),
    "ID": _labels(
        """
        order, auth, authorization, case, claim, employee, encounter, id, incident, interpreter, participant,
        referral, report, requisition, specimen, study, subject, ticket
        """
    ),
}

BRANDED: Mapping[str, tuple[str, ...]] = {
    "HEALTH_PLAN_NUMBER": _labels(
        "insurance, ins, insurer, carrier, primary insurance, secondary insurance, coverage, payer, payor"
    ),
    "DEVICE_ID": _labels(
        "device, implant, pump, pacemaker, monitor, glucometer, cgm, icd, defibrillator, prosthesis, stimulator"
    ),
}
