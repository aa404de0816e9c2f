"""Recognisers for the plates of vehicles in Germany and the United Kingdom."""

from __future__ import annotations

from stepwell_pii_scan._recogniser import Recogniser

# § 8 and Anlage 1 of the Fahrzeug-Zulassungsverordnung, without the codes of authorities
_TABLE = """
A AA AB ABG ABI AC AE AH AIB AIC AK ALF ALZ AM AN ANA ANG ANK AÖ AP APD ARN ART AS ASL ASZ AT AU
AUR AW AZ AZE B BA BAD BAR BB BBG BC BCH BED BER BF BGD BGL BH BI BID BIN BIR BIT BIW BK BKS BL
BLB BLK BM BN BNA BO BÖ BOG BOH BOR BOT BRA BRB BRG BRK BRL BRV BS BSB BSK BT BTF BÜD BÜS BÜZ BW
BWL BYL BZ BZA C CA CAS CB CE CHA CLP CLZ CO COC COE CR CUX CW D DA DAH DAN DAU DBR DD DE DEG
DEL DGF DH DI DIL DIN DIZ DKB DL DLG DM DN DO DON DU DUD DÜW DW DZ E EA EB EBE EBN EBS ECK ED EE
EF EG EH EI EIC EIL EIN EIS EL EM EMD EMS EN ER ERB ERH ERK ERZ ES ESB ESW EU EUT EW F FB FD FDB
FDS FEU FF FFB FG FI FKB FL FLÖ FN FO FOR FR FRG FRI FRW FS FT FTL FÜ FÜS FW FZ G GA GAN GAP GC
GD GDB GE GEL GEM GEO GER GF GG GHA GHC GI GK GL GLA GM GMN GN GNT GÖ GOA GOH GP GR GRA GRH GRI
GRM GRZ GS GT GTH GÜ GUB GUN GV GVM GW GZ H HA HAB HAL HAM HAS HB HBN HBS HC HCH HD HDH HDL HE
HEB HEF HEI HEL HER HET HF HG HGN HGW HH HHM HI HIG HIP HK HL HM HMÜ HN HO HOG HOH HOL HOM HOR
HÖS HOT HP HR HRO HS HSK HST HU HÜN HUS HV HVL HWI HX HY HZ IGB IK IL ILL IN IZ J JE JEV JL JÜL
K KA KB KC KE KEH KEL KEM KF KG KH KI KIB KK KL KLE KLZ KM KN KO KÖN KÖT KÖZ KR KRU KS KT KU KÜN
KUS KW KY KYF L LA LAN LAU LB LBS LBZ LC LD LDK LDS LEO LER LEV LF LG LH LI LIB LIF LIN LIP LL
LM LN LÖ LÖB LOS LP LR LRO LSA LSN LSZ LU LÜN LUP LWL M MA MAB MAI MAK MAL MAR MB MC MD ME MED
MEG MEI MEK MEL MER MET MG MGH MGN MH MHL MI MIL MK MKK ML MM MN MO MOD MOL MON MOS MQ MR MS MSE
MSH MSP MST MTK MTL MÜ MÜB MÜL MÜN MÜR MVL MW MY MYK MZ MZG N NAB NAI NAU NB ND NDH NE NEA NEB
NEC NEN NES NEW NF NH NI NIB NK NL NM NMB NMS NÖ NOH NOL NOM NOR NP NR NRÜ NS NT NU NVP NW NWM
NY NZ OA OAL OB OBB OBG OC OCH OD OE OF OG OH OHA ÖHR OHV OHZ OK OL OP OPR OR OS OSL OTW OVI OVL
OVP OZ P PA PAF PAN PAR PB PCH PE PEG PF PI PIR PK PL PLÖ PM PN PR PRÜ PS PW PZ QFT QLB R RA RC
RD RDG RE REG REH REI RG RH RI RID RIE RL RM RN RO ROD ROF ROH ROK ROL ROS ROT ROW RP RPL RS RSL
RT RU RÜD RÜG RV RW RY RZ S SAB SAD SAL SAN SAW SB SBG SBK SC SCZ SDH SDL SDT SE SEB SEE SEF SEL
SFB SFT SG SGH SHA SHG SHK SHL SI SIG SIM SK SL SLE SLF SLK SLN SLS SLÜ SLZ SM SMÜ SN SO SOB SOG
SOK SÖM SON SP SPB SPN SR SRB SRO ST STA STB STD STE STH STL STO SU SUL SÜW SW SWA SY SZ SZB TBB
TDO TE TET TF TG THL TIR TO TÖL TP TR TS TT TÜ TÜR TUT UE UEM UFF UH UL UM UN USI V VAI VB VEC
VER VG VIB VIE VIT VK VOH VR VS W WA WAF WAK WAN WAR WAT WB WBS WDA WE WEB WEG WEI WEL WEM WEN
WER WES WF WG WHV WI WIL WIS WIT WIZ WK WL WLG WM WMS WN WND WO WOB WOH WOL WOR WOS WR WRN WS
WSF WSM WST WSW WT WTL WTM WÜ WUG WÜM WUN WUR WW WZ WZL X Z ZE ZEL ZI ZIG ZP ZR ZS ZW ZZ
"""
_DISTRICTS = frozenset(_TABLE.split())

_WORDS = ("kennzeichen", "kfz", "plate", "registration", "reg no", "vehicle", "auto", "car")


def is_german_plate(written: str) -> bool:
    """Whether there is a district with these letters, and no more than eight characters."""
    district, _, rest = written.upper().replace(" ", "-").partition("-")
    return district in _DISTRICTS and len(district) + len(rest.replace("-", "")) <= 8


GERMAN = Recogniser(
    entity="DE_KFZ",
    pattern=r"\b[A-ZÄÖÜ]{1,3}[ -][A-Z]{1,2}[ -]?[1-9][0-9]{0,3}[EH]?\b",
    valid=is_german_plate,
    validation="codes of the districts",
    alone="suspect",
    context=_WORDS,
    contradiction=("model", "modell", "typ", "type", "art", "version", "norm", "din", "iso"),
    cuts=False,
    digits=1,
    examples=("Kennzeichen B-AB 1234", "Auto: M-XY 99E", "Kfz HH AB 123"),
    suspects=("B-AB 1234", "er fährt S-MK 4711"),
    counterexamples=("QQ-AB 1234", "Typ B-AB 12", "HAM-AB 12345", "b-ab 1234"),
)

BRITISH = Recogniser(
    entity="UK_VEHICLE_REGISTRATION",
    pattern=r"\b[A-HJ-PR-Y][A-HJ-PR-Y](?:0[1-9]|[1-8][0-9]) ?[A-HJ-PR-Z]{3}\b",
    validation="area and age identifiers",
    alone="suspect",
    context=_WORDS,
    contradiction=("model", "type", "version"),
    cuts=False,
    digits=2,
    examples=("registration AB12 CDE", "Car: BD51SMR."),
    suspects=("AB12 CDE",),
    counterexamples=("AB12 3CD", "AB99 CDE", "IB12 CDE", "model AB12 CDE"),
)

BY_REGION = {"DE": (GERMAN,), "GB": (BRITISH,)}
